//! What can be evaluated on a data set: a card's adapter or a function of the program, with the metrics that judge it, all in
//! one program.

use crate::card;
use crate::compile::{self, Compiled};
use crate::front::Front;
use crate::report::{Failure, Report};
use crate::{Entry, Input, Options};
use mu_analysis::hir::{self, Const, ExprKind, TaskRef};
use mu_analysis::hir_walk;
use mu_analysis::ty::{Arg, Labels, Type};
use mu_base::{Code, Diagnostic, suggest};
use mu_lower::{Lowering, Metric, Node};

/// A program that answers and judges.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The name of the card or of the function: the entry that answers. The entries of the metrics follow.
    pub name: String,
    pub compiled: Compiled,
    /// Of the card; `None` of a function.
    pub card: Option<CardFacts>,
    /// The inputs of the task, in its order: what a function's parameters at the same places are called in a data set, too.
    pub inputs: Vec<String>,
    pub metrics: Vec<Judge>,
    /// Whether the metrics take what it gives: of a function, whether that is the result of the task, maybe in an option or a
    /// result. Units are gone in the program, so it cannot be seen there.
    pub judged: bool,
    /// The label sets of the task in the order of their declaration.
    pub labels: Vec<Vec<String>>,
    /// The data set, where it is one of the project's.
    pub dataset: Option<Declared>,
    /// The names of the project's data sets.
    pub datasets: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    /// Of the model's file.
    pub sha256: String,
    /// The label of each class of the net, as places in the label set of the task; `None` where the card states no classes.
    pub classes: Option<Vec<u32>>,
}

/// A metric with what its number means.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    pub metric: Metric,
    pub higher_is_better: bool,
    /// How many base units one of the metric's unit is.
    pub factor: f64,
    /// The unit as written; empty for plain numbers.
    pub unit: String,
}

/// A data set of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    /// From the project's folder; `None` where there is no such file.
    pub file: Option<String>,
    pub sha256: String,
}

/// Compiles the card or the function called `name` (the card where both are) with the metrics of its task. `data` is a data set of
/// the project, or something else, of which nothing is asked here. A data set must be of the card's task; a function is judged by the
/// metrics of the data set's task, or where there is no data set, by those of its slots' task.
pub fn subject(input: &Input, name: &str, data: &str) -> Report<Subject> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { build(&front, input, name, data) };
    Report::new(front, result)
}

fn declared(set: &hir::Dataset) -> Declared {
    Declared { name: set.name.clone(), file: set.file.clone(), sha256: set.sha256.clone() }
}

fn build(front: &Front, input: &Input, name: &str, data: &str) -> Result<Subject, Failure> {
    let sets = &front.analysis.datasets;
    let set = sets.values().find(|set| set.name == data);
    let card = front.analysis.cards.iter().find(|(_, card)| card.name == name);
    let task = match (card, set) {
        (Some((_, card)), Some(set)) if !card.task.same(&set.task) => return Err(other_task(front, card, set).into()),
        (Some((_, card)), _) => &card.task,
        (None, Some(set)) => &set.task,
        (None, None) => task_of(front, name)?,
    };
    let judged = match card {
        Some(_) => true,
        None => fits(front, name, task)?,
    };
    let metrics = front.analysis.metrics.iter().find(|metrics| metrics.task.same(task));
    let mut judges = Vec::new();
    let beside = |lowering: &mut Lowering| {
        for metric in metrics.iter().flat_map(|metrics| &metrics.all) {
            judges.push(Judge {
                metric: lowering.metric(metric, card.map(|(id, _)| *id))?,
                higher_is_better: metric.higher,
                factor: mu_lower::compose::number(metric.unit.factor),
                unit: metric.unit.shown.0.clone(),
            });
        }
        Ok(())
    };
    let compiled = match card {
        Some((id, card)) => card::build(front, input, (*id, card), beside)?,
        None => compile::build(front, input, Entry::Function(name), &Options::default(), beside, &mut |_| ())?,
    };
    Ok(Subject {
        name: name.to_owned(),
        compiled,
        card: card.map(|(_, card)| CardFacts { sha256: card.net.sha256.clone(), classes: classes(card) }),
        inputs: task.params.iter().map(|(name, _)| name.clone()).collect(),
        metrics: judges,
        judged,
        labels: labels(set.map_or(task, |set| &set.task)),
        dataset: set.map(declared),
        datasets: sets.values().map(|set| set.name.clone()).collect(),
    })
}

fn other_task(front: &Front, card: &hir::Card, set: &hir::Dataset) -> Diagnostic {
    let show = |task: &TaskRef| task.show(&front.analysis.names);
    let message = format!("`{}` is a model for `{}`", card.name, show(&card.task));
    Diagnostic::error(Code::TypeMismatch, message)
        .at(set.loc, format!("this data set is of `{}`", show(&set.task)))
        .because(card.loc, "the model")
        .help("a model is evaluated on data of its own task")
}

/// Holds a function against the task whose data it is to be fed: its parameters must be inputs of the task. Whether its result
/// is the task's.
fn fits(front: &Front, name: &str, task: &TaskRef) -> Result<bool, Failure> {
    let function = front.analysis.main.get(name).and_then(|id| front.analysis.functions.get(id));
    let Some(function) = function else { return Err(unknown(front, name).into()) };
    let same = function.params.len() == task.params.len();
    for (place, (param, ty)) in function.params.iter().enumerate() {
        let named = task.params.iter().any(|(other, of)| other == param && of == ty);
        let placed = same && task.params.get(place).is_some_and(|(_, of)| of == ty);
        if !named && !placed {
            let show = |ty: &Type| ty.show(&front.analysis.names);
            let inputs = task.params.iter().map(|(name, ty)| format!("`{name}: {}`", show(ty))).collect::<Vec<_>>();
            let message = format!("`{name}` takes `{param}: {}`, which the data does not hold", show(ty));
            let help = format!("data for `{}` holds {}", task.show(&front.analysis.names), inputs.join(", "));
            return Err(Diagnostic::error(Code::TypeMismatch, message).help(help).into());
        }
    }
    let mut result = &function.result;
    while let Type::Option(inner) | Type::Result(inner) = result {
        result = inner;
    }
    Ok(*result == task.result)
}

/// The task of the slots of a function, where they have one.
fn task_of<'f>(front: &'f Front, name: &str) -> Result<&'f TaskRef, Failure> {
    let Some(function) = front.analysis.main.get(name) else { return Err(unknown(front, name).into()) };
    let slots = front.graph.slots([Node::Function(*function)]);
    let mut tasks = slots.iter().filter_map(|slot| front.analysis.slots.get(slot)).map(|slot| &slot.task);
    let first = tasks.next();
    match first.filter(|first| tasks.all(|other| other.same(first))) {
        Some(task) => Ok(task),
        None => {
            let count = if first.is_none() { "no slots" } else { "slots of several tasks" };
            let message = format!("by which metrics is `{name}` judged? It has {count}");
            let help = "declare the data in the project: `dataset D: TASK { file \"...\" sha256 \"...\" }`, and give `--data D`";
            Err(Diagnostic::error(Code::MetricNeedsDataset, message).help(help).into())
        }
    }
}

fn unknown(front: &Front, name: &str) -> Diagnostic {
    let cards = front.analysis.cards.values().map(|card| card.name.as_str());
    let names = cards.chain(front.analysis.main.keys().map(String::as_str));
    let message = format!("neither a model of the catalog nor a function of the program is called `{name}`");
    let diagnostic = Diagnostic::error(Code::UnknownName, message);
    match suggest::nearest(name, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("`mulc models list` shows the catalog"),
    }
}

fn labels(task: &TaskRef) -> Vec<Vec<String>> {
    let sets = task.args.iter().filter_map(|arg| match arg {
        Arg::Labels(Labels::Is(set)) => Some(set.declared.clone()),
        _ => None,
    });
    sets.collect()
}

/// The classes by which the adapter ranks.
fn classes(card: &hir::Card) -> Option<Vec<u32>> {
    let mut found = None;
    hir_walk::block(&card.adapter.block, &mut |e| {
        if let ExprKind::Builtin { consts, .. } = &e.kind {
            found = found.take().or_else(|| {
                consts.iter().find_map(|c| match c {
                    Const::Classes(classes) => Some(classes.clone()),
                    _ => None,
                })
            });
        }
    });
    found
}
