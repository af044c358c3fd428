//! The task of a model, with its labels, record and unit: those that the project declares, or drafts of them.

use super::labels::{are_numbers, distinguish, quoted};
use super::names::{capital, model as model_name, word};
use super::net::{CardDim, Net};
use super::project::{Declared, TaskInfo};
use crate::error::Error;
use mu_base::{World, suggest};
use std::collections::{BTreeMap, BTreeSet};

/// Label sets larger than this are written to a file of their own.
const INLINE: usize = 50;

pub struct Asked<'a> {
    pub world: &'a dyn World,
    pub declared: &'a Declared,
    pub name: &'a str,
    pub net: &'a Net,
    /// Labels that the model or its folder states.
    pub stated: Option<Vec<String>>,
    /// Labels that the user gives.
    pub listed: Option<Vec<String>>,
    /// The names of the columns of a table.
    pub columns: Vec<String>,
}

pub struct Task {
    pub info: TaskInfo,
    /// With its arguments.
    pub text: String,
    pub uses: Vec<String>,
    pub items: Vec<String>,
    /// What stands after `classes`.
    pub listed: Option<String>,
    pub classes: usize,
    pub fields: usize,
    pub unit: String,
}

/// Finds the task called `wanted` and what it is about. Drafts go to the items; files beside the card to `files`.
pub fn settle(
    asked: &Asked,
    wanted: Option<&str>,
    files: &mut BTreeMap<String, Vec<u8>>,
    warnings: &mut Vec<String>,
) -> Result<Task, Error> {
    let wanted = wanted.ok_or_else(|| {
        Error::wrong("the task of the model is not stated")
            .help("name it by `--task`, for example `--task image-classification`")
    })?;
    let (name, arguments) = split(wanted)?;
    let found = asked.declared.task(&name).ok_or_else(|| unknown(asked.declared, &name))?;
    let info = found.item;
    if arguments.len() > info.generics.len() {
        return Err(Error::wrong(format!(
            "`{}` takes {} arguments, {} are given",
            info.name,
            info.generics.len(),
            arguments.len()
        )));
    }
    let mut task = Task {
        uses: vec![found.module],
        items: Vec::new(),
        listed: None,
        classes: 0,
        fields: 0,
        unit: String::new(),
        text: String::new(),
        info,
    };
    let given = assign(asked, &task.info, arguments);
    let mut texts = Vec::new();
    for (place, generic) in task.info.generics.clone().iter().enumerate() {
        let given = given.get(&place).map(String::as_str);
        texts.push(match generic.kind.text.as_str() {
            "Labels" => task.labels(asked, given, files, warnings)?,
            "Record" => task.record(asked, given)?,
            "Unit" => task.unit(asked, given),
            other => match given {
                Some(given) => given.to_owned(),
                None => {
                    return Err(Error::wrong(format!(
                        "`{}` has a parameter of kind {other}, which is not given",
                        task.info.name
                    ))
                    .help(format!("write the task with all its arguments, `--task '{}<...>'`", task.info.name)));
                }
            },
        });
    }
    task.text =
        if texts.is_empty() { task.info.name.clone() } else { format!("{}<{}>", task.info.name, texts.join(", ")) };
    task.uses.retain(|module| !matches!(module.as_str(), "std.core" | "std.units" | "std.traits"));
    Ok(task)
}

/// `tabular_classification<Flower, Species>` as its name and arguments.
fn split(text: &str) -> Result<(String, Vec<String>), Error> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('<') else { return Ok((text.to_owned(), Vec::new())) };
    let inner = rest.strip_suffix('>').ok_or_else(|| {
        Error::wrong(format!("`{text}` is no task: `>` is missing"))
            .help("for example `--task 'image_classification<Digit>'`")
    })?;
    Ok((
        name.trim().to_owned(),
        inner.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
    ))
}

fn unknown(declared: &Declared, name: &str) -> Error {
    let tasks = declared.tasks();
    let error = Error::wrong(format!("there is no task `{name}`"));
    match suggest::nearest(name, tasks.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("the tasks are {}", tasks.join(", "))),
    }
}

/// Which argument stands for which parameter: by place where all are given, else by what the project declares.
fn assign(asked: &Asked, info: &TaskInfo, arguments: Vec<String>) -> BTreeMap<usize, String> {
    if arguments.len() == info.generics.len() {
        return arguments.into_iter().enumerate().collect();
    }
    let mut assigned = BTreeMap::new();
    for argument in arguments {
        let kind = if asked.declared.record(&argument).is_some() {
            "Record"
        } else if asked.declared.unit(&argument).is_some() {
            "Unit"
        } else {
            "Labels"
        };
        let free = (0..info.generics.len()).find(|place| !assigned.contains_key(place));
        if let Some(place) = info.generic(kind).filter(|place| !assigned.contains_key(place)).or(free) {
            assigned.insert(place, argument);
        }
    }
    assigned
}

impl Task {
    fn labels(
        &mut self,
        asked: &Asked,
        given: Option<&str>,
        files: &mut BTreeMap<String, Vec<u8>>,
        warnings: &mut Vec<String>,
    ) -> Result<String, Error> {
        let declared = given.and_then(|name| asked.declared.labels(asked.world, name));
        let count = scores(asked.net);
        let mut stated = asked.listed.clone().or(asked.stated.clone());
        if let Some(found) = &declared {
            let own = &found.item;
            let numbers = stated
                .as_deref()
                .is_none_or(|labels| are_numbers(labels) && !are_numbers(own) && labels.len() == own.len());
            if asked.listed.is_none() && numbers {
                // The model says at most how many there are; the order is a guess that only people can make sure of.
                warnings.push(format!(
                    "the classes are taken in the order in which `{}` declares its labels",
                    given.unwrap_or_default()
                ));
                stated = Some(own.clone());
            }
        }
        let mut labels = stated.ok_or_else(|| {
            Error::wrong("the labels of the model are not known").help(
                "give a file with the labels in the order of the outputs by `--labels`, or name declared ones, `--task 'image_classification<Digit>'`",
            )
        })?;
        let doubled = distinguish(&mut labels);
        if !doubled.is_empty() {
            warnings.push(format!("labels that stand twice got a number: {}", doubled.join(", ")));
        }
        if let Some(count) = count.filter(|count| *count != labels.len()) {
            return Err(Error::wrong(format!("there are {} labels, and the model has {count} scores", labels.len()))
                .help("give as many labels as the model has outputs, in their order, by `--labels`"));
        }
        self.classes = labels.len();
        if let Some(found) = &declared {
            let set = |labels: &[String]| labels.iter().cloned().collect::<BTreeSet<_>>();
            if set(&found.item) != set(&labels) {
                let name = given.unwrap_or_default();
                let other = labels
                    .iter()
                    .find(|label| !found.item.contains(label))
                    .map(|label| format!(": `{label}` is none of them"));
                return Err(Error::wrong(format!(
                    "the model's labels are not those of `{name}`{}",
                    other.unwrap_or_default()
                ))
                .help("name another label set in the task, or give the labels of the outputs by `--labels`"));
            }
        }
        let written = |labels: &[String]| labels.iter().map(|label| quoted(label)).collect::<Vec<_>>().join(", ");
        let file = format!("{}_labels.json", asked.name);
        let large = labels.len() > INLINE;
        if large {
            let json = serde_json::to_vec_pretty(&labels)
                .map_err(|error| Error::wrong(format!("the labels have no JSON: {error}")))?;
            files.insert(format!("{}/{file}", asked.declared.catalog), json);
        }
        let text = if large { format!("file({})", quoted(&file)) } else { written(&labels) };
        self.listed = Some(text.clone());
        let usable = |module: &str| module != "main";
        if let Some(found) = declared.filter(|found| usable(&found.module)) {
            self.uses.push(found.module);
            return Ok(given.unwrap_or_default().to_owned());
        }
        if given.is_none() {
            let same = asked.declared.same_labels(asked.world, &labels).filter(|found| usable(&found.module));
            if let Some(found) = same {
                self.uses.push(found.module);
                return Ok(found.item);
            }
        }
        // Sets with the same labels are one type, so that a draft agrees with any other.
        let name = given.map_or_else(|| format!("{}Label", capital(asked.name)), str::to_owned);
        self.items.push(format!("labels {name} = {text}"));
        Ok(name)
    }

    fn record(&mut self, asked: &Asked, given: Option<&str>) -> Result<String, Error> {
        if let Some((name, found)) = given.and_then(|name| Some((name, asked.declared.record(name)?))) {
            if found.module == "main" {
                return Err(Error::wrong(format!(
                    "a card cannot use the record `{name}`, which stands in the main module"
                ))
                .help("move it to a file of the catalog"));
            }
            self.fields = found.item.len();
            self.uses.push(found.module);
            return Ok(name.to_owned());
        }
        let columns: usize = asked
            .net
            .inputs
            .iter()
            .map(|input| match input.dims.as_slice() {
                [_, CardDim::Is(n)] => *n as usize,
                _ => 1,
            })
            .sum();
        let single = asked.net.inputs.len() == columns && columns > 1;
        let names: Vec<String> = if asked.columns.len() == columns {
            asked.columns.iter().map(|name| model_name(name)).collect()
        } else if single {
            asked.net.inputs.iter().map(|input| word(&input.name)).collect()
        } else {
            (0..columns).map(|i| format!("x{i}")).collect()
        };
        let distinct: BTreeSet<&String> = names.iter().collect();
        let names = if distinct.len() == names.len() { names } else { (0..columns).map(|i| format!("x{i}")).collect() };
        self.fields = names.len();
        let name = given.map_or_else(|| format!("{}Row", capital(asked.name)), capital);
        let fields: String = names.iter().map(|field| format!("    {field}: f32\n")).collect();
        self.items.push(format!("/// What the model takes, in its order.\nrecord {name} {{\n{fields}}}"));
        Ok(name)
    }

    fn unit(&mut self, asked: &Asked, given: Option<&str>) -> String {
        if let Some(given) = given {
            // Of a product of units the first is looked up; the rest are checked with the card.
            let first = given.split(['*', '/', '^']).next().unwrap_or(given);
            self.uses.extend(asked.declared.unit(first).map(|found| found.module).filter(|module| module != "main"));
            self.unit = given.to_owned();
        } else {
            self.unit = format!("{}_point", asked.name);
            self.items.push(format!("/// What the model answers in.\ndimension {}_value: {}", asked.name, self.unit));
        }
        self.unit.clone()
    }
}

/// The number of scores, where one output plainly holds them.
fn scores(net: &Net) -> Option<usize> {
    let rows = net.outputs.iter().filter_map(|output| match output.dims.as_slice() {
        [_, CardDim::Is(n)] if output.dtype.is_float() => Some(*n as usize),
        _ => None,
    });
    let rows: Vec<usize> = rows.collect();
    if let [one] = rows.as_slice() { Some(*one) } else { None }
}
