//! The catalog of a project as data, for the commands that list, verify and index it: what its cards and data sets state, and
//! in what their traits are measured.

mod ask;
mod schema;

pub(crate) use schema::Schema;

pub use ask::{Asked, asked};
pub use schema::Measure;

use crate::Input;
use crate::front::Front;
use crate::report::Report;
use mu_analysis::names::{DefId, DefKind};
use mu_analysis::project::join;
use mu_analysis::{Analysis, Module};
use mu_lower::compose::number;
use mu_syntax::ast::ItemKind;
use std::collections::{BTreeMap, BTreeSet};

/// A project's catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogued {
    /// The catalog's folder, from the project's.
    pub folder: String,
    /// The platform whose figures count for this machine, where the project names one.
    pub platform: Option<String>,
    /// In the order of their declarations.
    pub cards: Vec<CardFacts>,
    pub datasets: Vec<DatasetFacts>,
    /// The sources that what is said here rests on, without those of the standard library, in byte order.
    pub sources: Vec<String>,
}

/// What a card states.
#[derive(Debug, Clone, PartialEq)]
pub struct CardFacts {
    pub name: String,
    /// The source in which it stands, from the project's folder.
    pub source: String,
    /// With its arguments: `image_classification<Digit>`; nothing where the card has errors, which are among the diagnostics.
    pub stated: Option<Stated>,
    pub origin: Option<String>,
    /// Where the model's file is looked for, in this order, from the project's folder.
    pub files: Vec<String>,
}

/// What a card without errors states.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The task with its arguments: `image_classification<Digit>`.
    pub task: String,
    /// An SPDX expression.
    pub license: String,
    /// The model's file from the project's folder; nothing where it is not at hand.
    pub path: Option<String>,
    /// Of the model's file, in lower-case hexadecimal.
    pub sha256: String,
    /// What the file says of itself, in base units.
    pub traits: Vec<(String, f64)>,
    pub claims: Vec<ClaimFacts>,
    /// Every trait and metric that a model of the task can have, by path.
    pub measures: BTreeMap<String, Measure>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ClaimFacts {
    pub path: String,
    pub dataset: Option<String>,
    /// In base units.
    pub value: f64,
    pub samples: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DatasetFacts {
    pub name: String,
    pub task: String,
    pub sha256: String,
    pub revision: String,
    /// Where its file is looked for, in this order, from the project's folder; none where the declaration names none.
    pub files: Vec<String>,
}

/// What stands in the catalog. There is an answer even where the program or a card is wrong.
pub fn catalog(input: &Input) -> Report<Catalogued> {
    let front = Front::read(input);
    let found = read(&front);
    Report::new(front, Ok(found))
}

fn read(front: &Front) -> Catalogued {
    let analysis = &front.analysis;
    let schema = Schema::of(analysis);
    let mut cards = Vec::new();
    for (id, def) in analysis.names.iter().filter(|(_, def)| def.kind == DefKind::Model) {
        let Some(module) = analysis.modules.get(def.module) else { continue };
        let Some(ItemKind::Model(model)) = module.parsed.items.get(def.item).map(|item| &item.tree.kind) else {
            continue;
        };
        let file = model.net.as_ref().map(|net| net.file.text.as_str());
        let stated = analysis.cards.get(&id).map(|card| Stated {
            task: card.task.show(&analysis.names),
            license: card.license.clone(),
            path: card.net.path.clone(),
            sha256: card.net.sha256.clone(),
            traits: card.net.traits.clone(),
            claims: card
                .claims
                .iter()
                .map(|claim| ClaimFacts {
                    path: claim.path.clone(),
                    dataset: claim.dataset.and_then(|id| analysis.datasets.get(&id)).map(|set| set.name.clone()),
                    value: number(claim.value),
                    samples: claim.samples,
                })
                .collect(),
            measures: schema.of_task(card.task.task),
        });
        cards.push(CardFacts {
            name: def.name.clone(),
            source: analysis.sources.get(module.file).path,
            stated,
            origin: model.origin.as_ref().map(|origin| origin.text.clone()),
            files: file.map(|file| places(analysis, module, file)).unwrap_or_default(),
        });
    }
    let datasets = analysis.datasets.iter().map(|(id, set)| DatasetFacts {
        files: dataset_files(analysis, *id),
        name: set.name.clone(),
        task: set.task.show(&analysis.names),
        sha256: set.sha256.to_lowercase(),
        revision: set.revision.clone(),
    });
    let sources = analysis.modules.iter().filter(|module| !module.is_std());
    let sources =
        sources.filter(|module| module.is_catalog() || module.parsed.items.iter().any(|i| bears(&i.tree.kind)));
    let sources: BTreeSet<String> = sources.map(|module| analysis.sources.get(module.file).path).collect();
    Catalogued {
        folder: analysis.project.catalog.clone(),
        platform: analysis.project.platform.clone(),
        cards,
        datasets: datasets.collect(),
        sources: sources.into_iter().collect(),
    }
}

/// Where a file named in a module is looked for.
fn places(analysis: &Analysis, module: &Module, file: &str) -> Vec<String> {
    let base = file.rsplit('/').next().unwrap_or(file);
    let weights = analysis.project.weights.iter().map(|folder| join(folder, base));
    [join(&module.folder, file)].into_iter().chain(weights).collect()
}

fn dataset_files(analysis: &Analysis, id: DefId) -> Vec<String> {
    let def = analysis.names.get(id);
    let module = analysis.modules.get(def.module);
    let found = module.and_then(|module| match &module.parsed.items.get(def.item)?.tree.kind {
        ItemKind::Dataset(set) => Some(places(analysis, module, &set.file.as_ref()?.text)),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Whether a card's facts may rest on such an item of the program.
fn bears(item: &ItemKind) -> bool {
    matches!(
        item,
        ItemKind::Labels { .. }
            | ItemKind::Dimension { .. }
            | ItemKind::Unit { .. }
            | ItemKind::Record { .. }
            | ItemKind::Trait(_)
            | ItemKind::Task(_)
            | ItemKind::Dataset(_)
            | ItemKind::Model(_)
    )
}
