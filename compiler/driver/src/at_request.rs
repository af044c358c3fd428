//! `select at request`: which models of a slot are best for some weights of a request, as the table that the runtime looks up.
//!
//! The other slots and the memory size are chosen first. A model takes part that meets all requirements and budgets with them,
//! and, where requests choose for several slots, with every model that takes part there.

use crate::problem::Posed;
use mu_analysis::hir;
use mu_base::{Code, Diagnostic};
use mu_format::decision::{Alternative, Decision};
use mu_select::{Check, Envelope, Goal, Problem, Selection, Table, Term, license_allows, value};
use std::collections::BTreeMap;
use std::fmt;

/// More combinations of models that requests can ask for are not held against the requirements.
const MOST_COMBINATIONS: usize = 100_000;

/// What the requests to a slot weigh.
#[derive(Debug, Clone)]
pub(crate) struct Weighed<'a> {
    /// The slot's place in the problem.
    pub slot: usize,
    pub choice: &'a hir::AtRequest,
    /// In the order of the choice's terms; smaller is better.
    pub terms: Vec<Term>,
}

/// The models of a slot among which requests choose.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The places of the candidates, in the order of the decision's options.
    pub places: Vec<usize>,
    pub decision: Decision,
}

/// The options of each slot whose requests choose, by its place. What the selection has for it becomes the model for equal weights.
pub(crate) fn options(
    posed: &Posed,
    selection: &mut Selection,
    pinned: impl Fn(usize, usize) -> bool,
) -> Result<BTreeMap<usize, Options>, Box<Diagnostic>> {
    let problem = &posed.problem;
    let mut found = BTreeMap::new();
    let mut combinations = vec![selection.choice.clone()];
    for weighed in &posed.weighed {
        let slot = weighed.slot;
        let count = problem.slots.get(slot).map_or(0, |slot| slot.candidates.len());
        let fits = |place: usize| {
            let with = |choice: &Vec<usize>| replaced(choice, slot, place);
            combinations.iter().all(|choice| holds(problem, selection.setting, &with(choice)))
        };
        let mut places: Vec<usize> = (0..count).filter(|place| pinned(slot, *place) && fits(*place)).collect();
        places.sort_by(|a, b| tie(problem, slot, *a).total_cmp(&tie(problem, slot, *b)).then_with(|| a.cmp(b)));
        let options = table(posed, selection, weighed, &places).ok_or_else(|| Box::new(unknown(posed, weighed)))?;
        let equal = options.decision.pick(&vec![1.0; weighed.terms.len()]);
        if let (Some(chosen), Some(place)) = (selection.choice.get_mut(slot), options.places.get(equal)) {
            *chosen = *place;
        }
        let each = |choice: &Vec<usize>| {
            options.places.iter().map(|place| replaced(choice, slot, *place)).collect::<Vec<Vec<usize>>>()
        };
        combinations = combinations.iter().flat_map(each).collect();
        if combinations.len() > MOST_COMBINATIONS {
            return Err(Box::new(too_many(weighed)));
        }
        found.insert(slot, options);
    }
    if !found.is_empty() {
        selection.goals = goals(problem, selection);
    }
    Ok(found)
}

fn replaced(choice: &[usize], slot: usize, place: usize) -> Vec<usize> {
    let mut other = choice.to_vec();
    if let Some(chosen) = other.get_mut(slot) {
        *chosen = place;
    }
    other
}

/// Whether a choice meets every requirement.
fn holds(problem: &Problem, setting: Option<usize>, choice: &[usize]) -> bool {
    let of = |term: &Term| value(problem, term, setting, choice);
    problem.requirements.iter().all(|required| match &required.check {
        Check::Compare { left, op, right } => {
            of(left).zip(of(right)).is_some_and(|(left, right)| op.holds(left, right))
        }
        Check::License { slot, allowed } => {
            let candidate = problem.slots.get(*slot).zip(choice.get(*slot)).and_then(|(s, c)| s.candidates.get(*c));
            let license = candidate.and_then(|candidate| candidate.license.as_deref());
            license.is_some_and(|license| license_allows(license, allowed))
        }
    })
}

/// Of models that are equally good the smaller one is taken, as everywhere; candidates stand by name already.
fn tie(problem: &Problem, slot: usize, place: usize) -> f64 {
    let candidate = problem.slots.get(slot).and_then(|slot| slot.candidates.get(place));
    let size = candidate.and_then(|candidate| candidate.evidence(&mu_select::Key::new("size", None), None));
    size.map_or(f64::INFINITY, |size| size.value)
}

fn table(posed: &Posed, selection: &Selection, weighed: &Weighed, places: &[usize]) -> Option<Options> {
    let problem = &posed.problem;
    let vector = |place: &usize| -> Vec<f64> {
        let choice = replaced(&selection.choice, weighed.slot, *place);
        let of = |term: &Term| value(problem, term, selection.setting, &choice).unwrap_or(f64::NAN);
        weighed.terms.iter().map(of).collect()
    };
    let vectors: Vec<Vec<f64>> = places.iter().map(vector).collect();
    let envelope = Envelope::new(&vectors)?;
    let slot = problem.slots.get(weighed.slot)?;
    let alternative = |model: &usize| {
        let card = slot.candidates.get(*places.get(*model)?)?.name.clone();
        Some(Alternative { card, values: vectors.get(*model)?.clone() })
    };
    let decision = Decision {
        slot: slot.name.clone(),
        terms: weighed.choice.terms.iter().map(|term| term.name.clone()).collect(),
        options: envelope.models.iter().map(alternative).collect::<Option<_>>()?,
        breaks: match envelope.table {
            Table::Breaks(breaks) => breaks,
            Table::Vectors(_) => Vec::new(),
        },
    };
    let places = envelope.models.iter().filter_map(|model| places.get(*model).copied()).collect();
    Some(Options { places, decision })
}

/// The table for people: which model serves which weights.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decision { slot, terms, options, breaks } = &self.decision;
        let of = terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ");
        let width = options.iter().map(|option| option.card.len()).max().unwrap_or_default();
        match terms.first().filter(|_| terms.len() == 2) {
            Some(first) => writeln!(f, "{slot} at request, by the share of `{first}` in the weights of {of}")?,
            None => writeln!(f, "{slot} at request, each for some weights of {of}")?,
        }
        for (place, option) in options.iter().enumerate() {
            let range = match (terms.len(), place.checked_sub(1).and_then(|at| breaks.get(at)), breaks.get(place)) {
                (2, None, None) => "always".to_owned(),
                (2, None, Some(end)) => format!("up to {:.2} %", end * 100.0),
                (2, Some(start), None) => format!("from {:.2} %", start * 100.0),
                (2, Some(start), Some(end)) => format!("from {:.2} % to {:.2} %", start * 100.0, end * 100.0),
                _ => String::new(),
            };
            writeln!(f, "{}", format!("  {:width$}  {range}", option.card).trim_end())?;
        }
        Ok(())
    }
}

fn goals(problem: &Problem, selection: &Selection) -> Vec<Option<f64>> {
    let of = |goal: &Goal| match goal {
        Goal::Minimize(term) | Goal::Maximize(term) => value(problem, term, selection.setting, &selection.choice),
    };
    problem.objective.iter().map(|objective| of(&objective.goal)).collect()
}

fn unknown(posed: &Posed, weighed: &Weighed) -> Diagnostic {
    let name = posed.problem.slots.get(weighed.slot).map(|slot| slot.name.clone()).unwrap_or_default();
    let message = format!("of no model for `{name}` that meets the requirements all is known that requests weigh");
    let diagnostic = Diagnostic::error(Code::NoModelFits, message).at(weighed.choice.loc, "weighed here");
    diagnostic.help(if weighed.choice.claimed {
        "measure and evaluate the models, or weigh what is known of them"
    } else {
        "measure and evaluate the models, or write `as claimed` at the end of the line to take what their cards claim"
    })
}

fn too_many(weighed: &Weighed) -> Diagnostic {
    let message = format!("requests can choose among more than {MOST_COMBINATIONS} combinations of models");
    Diagnostic::error(Code::SearchTooLarge, message)
        .at(weighed.choice.loc, "with this slot")
        .help("let fewer slots be chosen at request time, or require more of their models")
}
