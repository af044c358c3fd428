//! `list`: the models of a catalog, all or those that meet requirements. Answered from an index, the one that was written where it is
//! fresh, else one that is made on the spot, so that both answer alike.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::index::{self, note};
use mu_driver::catalog::Asked;
use mu_index::{Aspect, Basis, Bytes, Group, Index, Key, Measure, Operand, Query, Require};
use serde::Serialize;

/// Which models.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A task, with its arguments (`image_classification<Digit>`) or without.
    pub task: Option<String>,
    pub requires: Vec<Asked>,
}

/// The models that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listing {
    /// By task, then name.
    pub models: Vec<Row>,
    /// How many models the catalog has.
    pub of: u64,
    /// Whether the index that was written was fresh and used.
    pub from_index: bool,
    /// The cards with errors, which are not among the models; nothing is known of them where the index was used.
    pub wrong: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub name: String,
    pub task: String,
    pub license: String,
    /// What is known, by trait; for each trait what was measured first.
    pub figures: Vec<Figure>,
    /// What should be known before one relies on it.
    pub notes: Vec<&'static str>,
}

/// One figure of a model, in base units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    #[serde(rename = "trait")]
    pub path: String,
    /// `file`, `measured` or `claimed`.
    pub source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Where it was measured, for figures of speed and memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The share of the processor there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    pub value: f64,
    /// 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// How it is shown.
    #[serde(skip)]
    pub measure: Measure,
}

/// The models of a catalog that meet a filter.
pub fn list(catalog: &Catalog, filter: &Filter) -> Result<Listing, Error> {
    let narrow = filter.task.is_some() || !filter.requires.is_empty();
    if let Some(index) = index::fresh(catalog).filter(|_| narrow) {
        return Ok(Listing { from_index: true, ..answer(&index, filter, Vec::new())? });
    }
    let made = index::make(catalog, &index::facts(catalog)?)?;
    let index = Index::open(made.bytes.as_slice()).map_err(unread)?;
    answer(&index, filter, made.wrong)
}

fn unread(error: mu_index::Error) -> Error {
    Error::wrong(format!("the index of the catalog cannot be used: {error}")).help("make it anew: `mulc models index`")
}

fn answer<B: Bytes>(index: &Index<B>, filter: &Filter, wrong: Vec<String>) -> Result<Listing, Error> {
    let of = index.groups().map(|group| u64::from(group.cards())).sum();
    let groups: Vec<Group> = index.groups().filter(|group| is_of(*group, filter.task.as_deref())).collect();
    if let (Some(task), true) = (&filter.task, groups.is_empty()) {
        let tasks: Vec<String> = index.groups().map(|group| format!("`{}`", group.task())).collect();
        let error = Error::wrong(format!("the catalog has no model for `{task}`"));
        return Err(match tasks.as_slice() {
            [] => error.help("`mulc models add` brings in a model"),
            _ => error.help(format!("it has models for {}", tasks.join(", "))),
        });
    }
    let mut models = Vec::new();
    let mut refused = Vec::new();
    for group in &groups {
        match query(index, *group, &filter.requires) {
            Ok(asked) => models.extend(rows(index, *group, &asked)?),
            Err(error) => refused.push(error),
        }
    }
    // What one task's models cannot have, another's may.
    match refused.pop() {
        Some(error) if refused.len() + 1 == groups.len() => Err(error),
        _ => Ok(Listing { models, of, from_index: false, wrong }),
    }
}

fn is_of(group: Group, task: Option<&str>) -> bool {
    let bare = group.task().split('<').next().unwrap_or_default();
    let tight = |text: &str| text.split_whitespace().collect::<String>();
    task.is_none_or(|task| task == bare || tight(task) == tight(group.task()))
}

/// What is asked of a group's columns.
struct Asking<'a> {
    requires: Vec<Require>,
    licenses: Vec<&'a [String]>,
}

fn query<'a, B: Bytes>(index: &Index<B>, group: Group, asked: &'a [Asked]) -> Result<Asking<'a>, Error> {
    let mut asking = Asking { requires: Vec::new(), licenses: Vec::new() };
    for one in asked {
        match one {
            Asked::License { allowed } => asking.licenses.push(allowed),
            Asked::Bound { path, dataset, op, bound, base, claimed } => {
                let measure = group.measure(path).ok_or_else(|| no_such_trait(group, path))?;
                if measure.base != *base {
                    let unit =
                        |base: &str| if base.is_empty() { "a plain number or %".into() } else { format!("in {base}") };
                    return Err(Error::wrong(format!(
                        "`{path}` is {}, the bound is {}",
                        unit(&measure.base),
                        unit(base)
                    )));
                }
                let mut keys = measured(index, group, path, dataset.as_deref());
                if *claimed {
                    let basis = Basis::Claimed { dataset: dataset.clone() };
                    keys.push(Key { path: path.clone(), basis, aspect: Aspect::Value });
                }
                asking.requires.push(Require { operand: Operand { keys }, op: *op, bound: *bound });
            }
        }
    }
    Ok(asking)
}

/// The columns of a trait that are no claims: from the file, on the data set, at a whole processor of this machine's platform.
fn measured<B: Bytes>(index: &Index<B>, group: Group, path: &str, dataset: Option<&str>) -> Vec<Key> {
    let counts = |key: &&Key| {
        key.path == path
            && key.aspect == Aspect::Value
            && match &key.basis {
                Basis::File => true,
                Basis::Measured { dataset: on } => dataset == Some(&on.name),
                Basis::Profile { platform, share } => {
                    Some(platform.as_str()) == index.platform() && *share == 1_000_000
                }
                Basis::Claimed { .. } => false,
            }
    };
    group.keys().filter(counts).cloned().collect()
}

fn no_such_trait(group: Group, path: &str) -> Error {
    let names: Vec<&str> = group.measures().map(|(name, _)| name).collect();
    let error = Error::wrong(format!("a model for `{}` has no trait `{path}`", group.task()));
    match mu_base::suggest::nearest(path, names.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("it has {}", names.join(", "))),
    }
}

/// The models of a group that meet what is asked, with all their figures.
fn rows<B: Bytes>(index: &Index<B>, group: Group, asking: &Asking) -> Result<Vec<Row>, Error> {
    let allows = |license: &str| asking.licenses.iter().all(|allowed| mu_select::license_allows(license, allowed));
    let license: Option<&dyn Fn(&str) -> bool> = if asking.licenses.is_empty() { None } else { Some(&allows) };
    let places = index.filter(group, &Query { requires: asking.requires.clone(), license }).map_err(unread)?;
    let mut rows = Vec::new();
    for place in &places {
        let card = index.card(group, *place).map_err(unread)?;
        let notes = notes(card.notes);
        let task = group.task().to_owned();
        rows.push(Row { name: card.name, task, license: card.license, figures: Vec::new(), notes });
    }
    // Column by column, so that each is read once.
    for key in group.keys().filter(|key| key.aspect == Aspect::Value && !places.is_empty()) {
        let Some(measure) = group.measure(&key.path) else { continue };
        let column = |aspect| index.column(group, &Key { aspect, ..key.clone() }).map_err(unread);
        let (values, samples) = (column(Aspect::Value)?, column(Aspect::Samples)?);
        let (low, high) = (column(Aspect::Low)?, column(Aspect::High)?);
        for (row, place) in rows.iter_mut().zip(&places) {
            let of = |column: &Option<Vec<f64>>| {
                column.as_ref().and_then(|c| c.get(*place as usize)).copied().filter(|value| value.is_finite())
            };
            if let Some(value) = of(&values) {
                let interval = of(&low).zip(of(&high));
                let samples = of(&samples).map(|samples| samples as u64);
                row.figures.push(figure(key, measure, value, interval, samples));
            }
        }
    }
    rows.iter_mut().for_each(|row| row.figures.sort_by(|a, b| (&a.path, rank(a)).cmp(&(&b.path, rank(b)))));
    Ok(rows)
}

/// What was measured stands before what is claimed.
fn rank(figure: &Figure) -> usize {
    usize::from(figure.source == "claimed")
}

fn figure(key: &Key, measure: &Measure, value: f64, interval: Option<(f64, f64)>, samples: Option<u64>) -> Figure {
    let (source, dataset, platform, share) = match &key.basis {
        Basis::File => ("file", None, None, None),
        Basis::Measured { dataset } => ("measured", Some(dataset.name.clone()), None, None),
        Basis::Profile { platform, share } => ("measured", None, Some(platform.clone()), Some(*share as f64 / 1e6)),
        Basis::Claimed { dataset } => ("claimed", dataset.clone(), None, None),
    };
    let (path, measure) = (key.path.clone(), measure.clone());
    Figure { path, source, dataset, platform, share, value, interval, samples, measure }
}

fn notes(bits: u32) -> Vec<&'static str> {
    let all = [
        (note::NO_FILE, "the model's file is not at hand"),
        (note::NO_GATE, "never compared with a reference"),
        (note::BAD_EVIDENCE, "its evidence cannot be used"),
        (note::OTHER_FILE, "its evidence is of another file"),
        (note::OTHER_DATA, "measured on other data than is declared"),
    ];
    all.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, text)| text).collect()
}
