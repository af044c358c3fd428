//! One card as a program: its adapter, callable under the card's name with the inputs of its task. What measures and evaluates
//! models runs it.

use crate::Input;
use crate::compile::Compiled;
use crate::engine;
use crate::front::Front;
use crate::models::Models;
use crate::report::{Failure, Report};
use crate::settings::Deployments;
use mu_analysis::hir::Card;
use mu_analysis::names::DefId;
use mu_base::{Code, Diagnostic, suggest};
use mu_lower::{Lowered, Lowering};
use std::collections::BTreeMap;

/// Compiles the adapter of the card called `name`. The program has one entry, named as the card.
pub fn card_program(input: &Input, name: &str) -> Report<Compiled> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { named(&front, input, name) };
    Report::new(front, result)
}

fn named(front: &Front, input: &Input, name: &str) -> Result<Compiled, Failure> {
    match front.analysis.cards.iter().find(|(_, card)| card.name == name) {
        Some((id, card)) => build(front, input, (*id, card), |_| Ok(())),
        None => Err(unknown(front, name).into()),
    }
}

/// `beside` adds what the program is to hold beside the card's entry.
pub(crate) fn build(
    front: &Front,
    input: &Input,
    (id, card): (DefId, &Card),
    beside: impl FnOnce(&mut Lowering) -> Result<(), Failure>,
) -> Result<Compiled, Failure> {
    let mut models = Models::new(input.world);
    models.load(card)?;
    let mut lowering = Lowering::new(front.typed(), &front.graph, input.world)?;
    lowering.card(id)?;
    beside(&mut lowering)?;
    engine::check(front, lowering.program(), &models)?;
    let Lowered { program, assets } = lowering.finish(&mut engine::run(&models))?;
    let models = program.models.iter().filter_map(|model| models.get(&model.sha256).cloned());
    Ok(Compiled {
        name: card.name.clone(),
        models: models.collect(),
        assets,
        choices: Vec::new(),
        deployments: Deployments { project: card.name.clone(), functions: BTreeMap::new(), envs: Vec::new() },
        memory: BTreeMap::new(),
        costs: BTreeMap::new(),
        cold_starts: BTreeMap::new(),
        bom: None,
        lock: None,
        program,
    })
}

fn unknown(front: &Front, name: &str) -> Diagnostic {
    let names = front.analysis.cards.values().map(|card| card.name.as_str());
    let diagnostic = Diagnostic::error(Code::UnknownName, format!("the catalog has no model `{name}`"));
    match suggest::nearest(name, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("`mulc models list` shows the catalog; `mulc models add` adds to it"),
    }
}
