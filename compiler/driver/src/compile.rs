//! From a project to everything a bundle needs.

use crate::bom::bom;
use crate::choose::{Chooser, Chosen};
use crate::engine;
use crate::front::{EntryPoint, Front};
use crate::lock::{self, NewLock};
use crate::models::{ModelFile, Models};
use crate::problem::CostItems;
use crate::report::{Failure, Report};
use crate::settings::Deployments;
use crate::{Entry, Input, Options};
use mu_base::{Code, Diagnostic, suggest};
use mu_format::bundle::Choice as Reasons;
use mu_format::ir::Program;
use mu_lower::{AssetFile, Lowered, Lowering};
use mu_select::why;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A compiled project.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The project's name.
    pub name: String,
    pub program: Program,
    /// The files of the program's models, each once, by sha256.
    pub models: Vec<ModelFile>,
    /// The files of the program's assets, in its order.
    pub assets: Vec<AssetFile>,
    /// For `bundle.json`: each slot's model, with the reason for every candidate.
    pub choices: Vec<Reasons>,
    /// What the program says of its deployed functions, and `mu.toml` of where they are deployed.
    pub deployments: Deployments,
    /// The memory of each function deployed on Lambda, by its name, in MB as Lambda counts them.
    pub memory: BTreeMap<String, u32>,
    /// What a request of each of them costs, where that is known.
    pub costs: BTreeMap<String, CostItems>,
    /// How long a cold start of each of them takes, in seconds, where that is known.
    pub cold_starts: BTreeMap<String, f64>,
    /// The text of `bom.cdx.json`; nothing where no selection was made.
    pub bom: Option<String>,
    /// The lock to write, where `mu.lock` has another.
    pub lock: Option<NewLock>,
}

/// Compiles a project for what is asked.
pub fn compile(input: &Input, entry: Entry, options: &Options) -> Report<Compiled> {
    compile_in(input, entry, options, &mut |_| ())
}

/// As [`compile`]; `pass` is told the name of each stage when it begins.
pub fn compile_in(
    input: &Input,
    entry: Entry,
    options: &Options,
    pass: &mut dyn FnMut(&'static str),
) -> Report<Compiled> {
    pass("types");
    let front = Front::read(input);
    let result = if front.has_errors() {
        Err(Failure::Wrong(Vec::new()))
    } else {
        build(&front, input, entry, options, |_| Ok(()), pass)
    };
    Report::new(front, result)
}

/// `beside` adds what the program is to hold beside its entries; `pass` is as in [`compile_in`].
pub(crate) fn build(
    front: &Front,
    input: &Input,
    entry: Entry,
    options: &Options,
    beside: impl FnOnce(&mut Lowering) -> Result<(), Failure>,
    pass: &mut dyn FnMut(&'static str),
) -> Result<Compiled, Failure> {
    pass("selection");
    let entries = asked(front, entry)?;
    let mut chooser = Chooser::new(front)?;
    let chosen = choose(front, &entries, &mut chooser)?;
    let lock = lock::pinned(front, &mut chooser, input, options)?;
    pass("model files");
    let mut models = Models::new(input.world);
    load(front, &chosen, &mut models)?;
    pass("lowering");
    let mut lowering = Lowering::new(front.typed(), &front.graph, input.world)?;
    for (entry, chosen) in entries.iter().zip(&chosen) {
        let filling = chosen.filling(&mut lowering);
        lowering.entry(entry.function, filling)?;
    }
    beside(&mut lowering)?;
    pass("model check");
    engine::check(front, lowering.program(), &models)?;
    pass("constants");
    let Lowered { program, assets } = lowering.finish(&mut engine::run(&models))?;
    let files: BTreeMap<&str, &ModelFile> =
        program.models.iter().filter_map(|model| Some((model.sha256.as_str(), models.get(&model.sha256)?))).collect();
    Ok(Compiled {
        name: front.analysis.project.name.clone(),
        models: files.into_values().cloned().collect(),
        assets,
        choices: entries.iter().zip(&chosen).flat_map(|(entry, chosen)| reasons(front, entry, chosen)).collect(),
        deployments: Deployments::of(front, &entries),
        memory: each(&entries, &chosen, |chosen| chosen.memory()),
        costs: each(&entries, &chosen, |chosen| chosen.cost()),
        cold_starts: each(&entries, &chosen, |chosen| chosen.cold_start()),
        bom: Some(bom(front, &chosen)),
        lock,
        program,
    })
}

/// What is known of each entry, by its name.
fn each<T>(entries: &[EntryPoint], chosen: &[Rc<Chosen>], of: impl Fn(&Chosen) -> Option<T>) -> BTreeMap<String, T> {
    let known = entries.iter().zip(chosen).filter_map(|(entry, chosen)| Some((entry.name.clone(), of(chosen)?)));
    known.collect()
}

/// The functions that the bundle is to answer.
pub(crate) fn asked(front: &Front, entry: Entry) -> Result<Vec<EntryPoint>, Failure> {
    let mut entries = front.entries();
    let Entry::Function(name) = entry else { return Ok(entries) };
    if entries.iter().any(|entry| entry.name == name) {
        return Ok(entries);
    }
    let functions = front.functions();
    if let Some(function) = functions.iter().find(|function| function.name == name) {
        entries.retain(|entry| entry.deploy.is_some());
        entries.push(function.clone());
        return Ok(entries);
    }
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let help = match (suggest::nearest(name, names.iter().copied()), names.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "the main module has no functions".to_string(),
        (None, names) => {
            format!("the main module has {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        }
    };
    Err(Diagnostic::error(Code::UnknownName, format!("there is no function `{name}`")).help(help).into())
}

/// The selection of each entry; all that fail are reported.
pub(crate) fn choose<'a>(
    front: &'a Front,
    entries: &[EntryPoint],
    chooser: &mut Chooser<'a>,
) -> Result<Vec<Rc<Chosen<'a>>>, Failure> {
    let mut chosen = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries {
        match chooser.entry(front, entry) {
            Ok(one) => chosen.push(one),
            Err(diagnostic) => wrong.push(*diagnostic),
        }
    }
    if wrong.is_empty() { Ok(chosen) } else { Err(Failure::Wrong(wrong)) }
}

/// Reads the files of all chosen models; all that cannot be read are reported.
pub(crate) fn load(front: &Front, chosen: &[Rc<Chosen>], models: &mut Models) -> Result<(), Failure> {
    let cards = chosen.iter().flat_map(|chosen| chosen.cards());
    let cards = cards.filter_map(|(_, card)| front.analysis.cards.get(&card));
    let wrong: Vec<Diagnostic> = cards.filter_map(|card| models.load(card).err()).map(|wrong| *wrong).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong)) }
}

/// Why each slot of an entry has the model it has, or the models among which requests choose.
fn reasons(front: &Front, entry: &EntryPoint, chosen: &Chosen) -> Vec<Reasons> {
    let of = chosen.cards().into_iter().filter_map(|(slot, card)| {
        let place = chosen.posed.slots.iter().position(|id| *id == slot)?;
        let (slot, card) = (front.analysis.slots.get(&slot)?, front.analysis.cards.get(&card)?);
        let why = why(&chosen.posed.problem, &chosen.selection, place)?;
        let mut reasons = json!({ "entry": entry.name, "candidates": why.rows });
        if let (Some(memory), Some(fields)) = (chosen.memory(), reasons.as_object_mut()) {
            fields.insert("memory_mb".to_owned(), json!(memory));
            fields.insert("cost".to_owned(), json!(chosen.cost()));
        }
        Some(Reasons { slot: slot.name.clone(), card: card.name.clone(), sha256: card.net.sha256.clone(), reasons })
    });
    of.collect()
}
