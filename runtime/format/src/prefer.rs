//! What a request weighs: weights as a text or as JSON, and the options they pick of a program's decisions.

use crate::decision::Decision;
use crate::ir::{Block, Entry, Kind, Program};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The field of a JSON event that holds the weights.
pub const FIELD: &str = "$prefer";
/// The header of an HTTP request that holds them.
pub const HEADER: &str = "mu-prefer";

/// Which option each decision of a program takes, in their order.
pub type Picks = Vec<u32>;

/// The weights of a request, as they were given.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// In the order of the terms.
    Listed(Vec<f64>),
    /// By the names of terms.
    Named(Vec<(String, f64)>),
}

impl Weights {
    /// Reads `0.7, 0.3` or `latency.p95=0.7, top1=0.3`.
    pub fn from_text(text: &str) -> Result<Weights, String> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let number = |text: &str| text.trim().parse().map_err(|_| format!("`{}` is no weight; {HOW}", shown(text)));
        if parts.iter().all(|part| !part.contains('=')) {
            return parts.iter().map(|part| number(part)).collect::<Result<_, _>>().map(Weights::Listed);
        }
        let named = parts.iter().map(|part| {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{}` has no name; {HOW}", shown(part)))?;
            Ok((name.trim().to_string(), number(value)?))
        });
        named.collect::<Result<_, _>>().map(Weights::Named)
    }

    /// Reads `[0.7, 0.3]` or `{"latency.p95": 0.7, "top1": 0.3}`.
    pub fn from_json(json: &Json) -> Result<Weights, String> {
        let number = |json: &Json| json.as_f64().ok_or_else(|| format!("$.{FIELD}: a weight is a number"));
        match json {
            Json::Array(list) => list.iter().map(number).collect::<Result<_, _>>().map(Weights::Listed),
            Json::Object(fields) => {
                let named = fields.iter().map(|(name, value)| Ok((name.clone(), number(value)?)));
                named.collect::<Result<_, _>>().map(Weights::Named)
            }
            _ => Err(format!("$.{FIELD}: expected a list of weights or an object of weights by name")),
        }
    }
}

const HOW: &str = "write `0.7, 0.3` in the order of the terms, or `latency.p95=0.7, top1=0.3`";

/// The start of a long text.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// For each function of a program, the decisions that its calls come to. Callees stand before their callers.
pub fn reached(program: &Program) -> Vec<Vec<u32>> {
    fn walk(block: &Block, known: &[Vec<u32>], found: &mut BTreeSet<u32>) {
        for inst in &block.insts {
            let callees: &[u32] = match &inst.kind {
                Kind::Call { function, .. } => std::slice::from_ref(function),
                Kind::Dispatch { decision, functions, .. } => {
                    found.insert(*decision);
                    functions
                }
                _ => &[],
            };
            found.extend(callees.iter().filter_map(|callee| known.get(*callee as usize)).flatten());
            inst.kind.blocks().for_each(|inner| walk(inner, known, found));
        }
    }
    let mut known: Vec<Vec<u32>> = Vec::with_capacity(program.functions.len());
    for function in &program.functions {
        let mut found = BTreeSet::new();
        walk(&function.body, &known, &mut found);
        known.push(found.into_iter().collect());
    }
    known
}

/// What a request may weigh, by the names that it uses; `reached` are the decisions of its function.
pub fn weighed(program: &Program, reached: &[u32]) -> Vec<String> {
    let decisions: Vec<&Decision> = reached.iter().filter_map(|id| program.decisions.get(*id as usize)).collect();
    let several = decisions.len() > 1;
    let name = |decision: &Decision, term: &String| match several {
        true => format!("{}.{term}", decision.slot),
        false => term.clone(),
    };
    decisions.iter().flat_map(|decision| decision.terms.iter().map(|term| name(decision, term))).collect()
}

/// What a request that gives no weights picks: all are equal.
pub fn equal(program: &Program) -> Picks {
    let pick = |decision: &Decision| decision.pick(&vec![1.0; decision.terms.len()]) as u32;
    program.decisions.iter().map(pick).collect()
}

/// What the weights of a request to an entry pick; `reached` are the decisions of its function. A decision of which no term is
/// named weighs all equally; of others, terms that are not named weigh nothing. The error is a sentence for the caller.
pub fn picks(program: &Program, entry: &Entry, reached: &[u32], weights: &Weights) -> Result<Picks, String> {
    let decisions = || reached.iter().filter_map(|id| Some((*id, program.decisions.get(*id as usize)?)));
    if decisions().next().is_none() {
        return Err(format!("`{}` chooses no model at request time, so there is nothing to weigh", entry.name));
    }
    let mut picks = equal(program);
    match weights {
        Weights::Listed(list) => {
            let mut all = decisions();
            let (Some((id, decision)), None) = (all.next(), all.next()) else {
                let names = names(decisions().map(|(_, decision)| decision), true);
                return Err(format!("several slots choose at request time: name the weights: {names}"));
            };
            if list.len() != decision.terms.len() {
                let (count, terms) = (decision.terms.len(), names([decision].into_iter(), false));
                return Err(format!("{} weights are given where there are {count}: {terms}", list.len()));
            }
            set(&mut picks, id, decision, list)?;
        }
        Weights::Named(named) => {
            check_names(named, &decisions().map(|(_, decision)| decision).collect::<Vec<_>>())?;
            for (id, decision) in decisions() {
                let weight = |term: &String| {
                    let own = named.iter().find(|(name, _)| is_own(name, decision, term));
                    own.or_else(|| named.iter().find(|(name, _)| name == term)).map(|(_, weight)| *weight)
                };
                let found: Vec<Option<f64>> = decision.terms.iter().map(weight).collect();
                if found.iter().any(Option::is_some) {
                    let list: Vec<f64> = found.into_iter().map(Option::unwrap_or_default).collect();
                    set(&mut picks, id, decision, &list)?;
                }
            }
        }
    }
    Ok(picks)
}

/// Whether a name is that of a decision's term with its slot before it: `reader.latency.p95`.
fn is_own(name: &str, decision: &Decision, term: &str) -> bool {
    name.strip_prefix(&decision.slot).and_then(|rest| rest.strip_prefix('.')) == Some(term)
}

/// Each name is of a term, and none is given twice.
fn check_names(named: &[(String, f64)], decisions: &[&Decision]) -> Result<(), String> {
    for (place, (name, _)) in named.iter().enumerate() {
        let is_term = |decision: &&Decision| decision.terms.iter().any(|t| t == name || is_own(name, decision, t));
        if !decisions.iter().any(is_term) {
            let known = names(decisions.iter().copied(), decisions.len() > 1);
            return Err(format!("`{}` is not weighed; there are {known}", shown(name)));
        }
        if named[..place].iter().any(|(other, _)| other == name) {
            return Err(format!("`{name}` is weighed twice"));
        }
    }
    Ok(())
}

fn names<'a>(decisions: impl Iterator<Item = &'a Decision>, of_slot: bool) -> String {
    let names = decisions.flat_map(|decision| {
        let slot = if of_slot { format!("{}.", decision.slot) } else { String::new() };
        decision.terms.iter().map(move |term| format!("`{slot}{term}`"))
    });
    names.collect::<Vec<_>>().join(", ")
}

fn set(picks: &mut Picks, id: u32, decision: &Decision, weights: &[f64]) -> Result<(), String> {
    let wrong = decision.terms.iter().zip(weights).find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0));
    if let Some((term, weight)) = wrong {
        return Err(format!("the weight of `{term}` is {weight}; a weight is a number from 0 up"));
    }
    let most = weights.iter().copied().fold(0.0, f64::max);
    if most == 0.0 {
        return Err(format!("all weights for `{}` are 0; at least one must be more", decision.slot));
    }
    // So scaled, no sum is too large.
    let scaled: Vec<f64> = weights.iter().map(|weight| weight / most).collect();
    if let Some(place) = picks.get_mut(id as usize) {
        *place = decision.pick(&scaled) as u32;
    }
    Ok(())
}
