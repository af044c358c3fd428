//! What an entry asks of the selection: its slots with their candidates, the memory sizes it can have, everything required, and
//! the objective.

mod candidates;
mod cost;
mod limits;
mod machine;
mod objective;
mod terms;

pub(crate) use candidates::LEAST_MEMORY;
pub use cost::CostItems;
pub(crate) use cost::CostTerms;
pub(crate) use machine::Machine;

use crate::at_request::Weighed;
use crate::front::Front;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_base::Diagnostic;
use mu_select::{Check, Problem, SlotProblem, Term};
use std::collections::{BTreeMap, BTreeSet};

/// What a selection is made for.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// The function called from outside; `None` for a test, which has no requirements of its own.
    pub function: Option<DefId>,
    pub deploy: Option<&'a hir::Deploy>,
    /// The slots that are reached.
    pub slots: Vec<DefId>,
}

/// A problem and where its parts come from.
#[derive(Debug, Clone)]
pub(crate) struct Posed<'a> {
    pub problem: Problem,
    pub asked: Asked<'a>,
    pub machine: Machine<'a>,
    pub slots: Vec<DefId>,
    /// The cards of each slot, in the order of its candidates.
    pub cards: Vec<Vec<DefId>>,
    /// By the `id` of a requirement; what no line of the program says has an `id` beyond them.
    pub sources: Vec<&'a hir::Requirement>,
    /// The choices that requests make, for the slots that are reached.
    pub weighed: Vec<Weighed<'a>>,
    /// What a request costs on Lambda, item by item, where the region's prices are known.
    pub cost: Option<CostTerms>,
    /// How long a cold start takes on Lambda, in seconds.
    pub cold_start: Option<Term>,
}

/// Poses the problem of what is asked. The error is about terms that have no meaning for the whole program.
pub(crate) fn pose<'a>(front: &'a Front, asked: Asked<'a>) -> Result<Posed<'a>, Box<Diagnostic>> {
    let slots = mentioned(front, &asked);
    let places: BTreeMap<DefId, usize> = slots.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let machine = Machine::of(front, asked.deploy)?;
    let mut posed = Posed {
        problem: Problem { settings: machine.settings(), ..Problem::default() },
        asked: asked.clone(),
        machine: machine.clone(),
        slots,
        cards: Vec::new(),
        sources: Vec::new(),
        weighed: Vec::new(),
        cost: None,
        cold_start: None,
    };
    let poser = Poser { front, asked, machine, places };
    let slots: Vec<&hir::Slot> = posed.slots.iter().filter_map(|id| front.analysis.slots.get(id)).collect();
    for slot in &slots {
        let cards = front.typed().candidates(slot);
        let known = cards.iter().filter_map(|card| front.analysis.cards.get(card));
        let candidates = known.map(|card| poser.candidate(card)).collect();
        posed.problem.slots.push(SlotProblem { name: slot.name.clone(), candidates });
        posed.cards.push(cards);
    }
    for required in slots.iter().flat_map(|slot| &slot.requires) {
        poser.require(required, &mut posed)?;
    }
    for budget in poser.asked.deploy.iter().flat_map(|deploy| &deploy.budgets) {
        poser.require(budget, &mut posed)?;
    }
    poser.memory_fits(&mut posed);
    poser.weigh(&mut posed)?;
    poser.objective(&mut posed)?;
    posed.cost = poser.cost(false);
    posed.cold_start = poser.cold_start(false);
    Ok(posed)
}

impl<'a> Posed<'a> {
    /// The line of the program that says a requirement of the problem, if one does.
    pub fn source(&self, place: usize) -> Option<&'a hir::Requirement> {
        self.sources.get(self.problem.requirements.get(place)?.id as usize).copied()
    }

    /// Takes out the requirements on traits of slots that only missing files could tell; whether there are any.
    pub fn leave_open(&mut self, front: &Front) -> bool {
        let lacking = |card: &DefId| front.analysis.cards.get(card).is_some_and(|card| card.net.path.is_none());
        let open: Vec<bool> = self.cards.iter().map(|cards| cards.iter().any(lacking)).collect();
        let before = self.problem.requirements.len();
        self.problem.requirements.retain(|required| match &required.check {
            Check::Compare { left, right, .. } => !from_file(left, &open) && !from_file(right, &open),
            Check::License { .. } => true,
        });
        self.problem.requirements.len() < before
    }
}

/// Whether a term speaks of what a model's file tells, of a slot that is open.
fn from_file(term: &Term, open: &[bool]) -> bool {
    match term {
        Term::Number(_) | Term::Setting(_) => false,
        Term::Ceil { term, .. } | Term::Named { term, .. } => from_file(term, open),
        Term::Trait { slot, key } => {
            matches!(key.path.as_str(), "size" | "parameters") && open.get(*slot).copied().unwrap_or(false)
        }
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            from_file(a, open) || from_file(b, open)
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().any(|term| from_file(term, open)),
    }
}

/// The slots that are reached and those their requirements and the deployment's terms speak of.
fn mentioned(front: &Front, asked: &Asked) -> Vec<DefId> {
    let mut found: BTreeSet<DefId> = BTreeSet::new();
    let mut todo: Vec<DefId> = asked.slots.clone();
    if let Some(deploy) = asked.deploy {
        deploy.budgets.iter().for_each(|budget| in_check(&budget.check, &mut todo));
        deploy.objective.iter().for_each(|goal| in_term(&goal.term, &mut todo));
    }
    while let Some(id) = todo.pop() {
        if let Some(slot) = front.analysis.slots.get(&id)
            && found.insert(id)
        {
            slot.requires.iter().for_each(|required| in_check(&required.check, &mut todo));
        }
    }
    found.into_iter().collect()
}

fn in_check(check: &hir::Check, found: &mut Vec<DefId>) {
    match check {
        hir::Check::Compare { left, right, .. } => {
            in_term(left, found);
            in_term(right, found);
        }
        hir::Check::License { slot: hir::SlotOf::Slot(id), .. } => found.push(*id),
        hir::Check::License { slot: hir::SlotOf::Program, .. } => {}
    }
}

fn in_term(term: &hir::Term, found: &mut Vec<DefId>) {
    match term {
        hir::Term::Trait { slot: hir::SlotOf::Slot(id), .. } => found.push(*id),
        hir::Term::Trait { .. } | hir::Term::Number(_) => {}
        hir::Term::Add(a, b) | hir::Term::Sub(a, b) | hir::Term::Mul(a, b) | hir::Term::Div(a, b) => {
            in_term(a, found);
            in_term(b, found);
        }
    }
}

/// Poses one problem.
struct Poser<'a> {
    front: &'a Front,
    asked: Asked<'a>,
    machine: Machine<'a>,
    /// Of the slots, in the problem.
    places: BTreeMap<DefId, usize>,
}
