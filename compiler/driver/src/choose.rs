//! The selection for entries and tests, each problem solved once.

use crate::conflict;
use crate::front::{EntryPoint, Front};
use crate::problem::{Asked, Posed, pose};
use mu_analysis::hir::Test;
use mu_analysis::names::DefId;
use mu_base::Diagnostic;
use mu_lower::Choice;
use mu_select::{Limit, Outcome, Selection, select};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The models chosen for an entry.
#[derive(Debug, Clone)]
pub(crate) struct Chosen<'a> {
    pub posed: Posed<'a>,
    pub selection: Selection,
    /// The cards of the slots that are reached.
    pub choice: Choice,
}

impl Chosen<'_> {
    /// The chosen card of a slot by its place in the problem.
    pub fn card(&self, place: usize) -> Option<DefId> {
        self.posed.cards.get(place)?.get(*self.selection.choice.get(place)?).copied()
    }
}

/// What a problem came to.
type Solved<'a> = Result<Rc<Chosen<'a>>, Box<Diagnostic>>;

/// Chooses, and remembers: what has no deployment and reaches the same slots asks the same.
#[derive(Default)]
pub(crate) struct Chooser<'a> {
    /// What only a missing file could tell is taken to be met.
    trusting: bool,
    /// By deployment and slots.
    known: BTreeMap<(Option<usize>, Vec<DefId>), Solved<'a>>,
}

impl<'a> Chooser<'a> {
    /// For a check, which needs no weights: where a model's file is missing, what is required of its size is left open.
    pub fn trusting() -> Chooser<'a> {
        Chooser { trusting: true, known: BTreeMap::new() }
    }

    /// For a function that is called from outside.
    pub fn entry(&mut self, front: &'a Front, entry: &EntryPoint) -> Solved<'a> {
        let deploy = front.deploy(entry);
        let asked = Asked { function: deploy.map(|deploy| deploy.function), deploy, slots: entry.slots.clone() };
        self.known
            .entry((entry.deploy, entry.slots.clone()))
            .or_insert_with(|| solve(front, asked, self.trusting))
            .clone()
    }

    /// For a test: that of the first entry that reaches all its slots, so that what is tested is what is built.
    pub fn test(&mut self, front: &'a Front, entries: &[EntryPoint], test: &Test) -> Solved<'a> {
        let slots = front.slots_of(test);
        let covers = |entry: &&EntryPoint| slots.iter().all(|slot| entry.slots.contains(slot));
        match entries.iter().find(covers).filter(|_| !slots.is_empty()) {
            Some(entry) => self.entry(front, entry),
            None => {
                let asked = Asked { function: None, deploy: None, slots: slots.clone() };
                let solve = || solve(front, asked, self.trusting);
                self.known.entry((None, slots.clone())).or_insert_with(solve).clone()
            }
        }
    }
}

fn solve<'a>(front: &'a Front, asked: Asked<'a>, trusting: bool) -> Solved<'a> {
    let reached = asked.slots.clone();
    let mut posed = pose(front, asked)?;
    let mut outcome = select(&posed.problem, &Limit::default());
    if let Outcome::Infeasible(_) = outcome
        && trusting
        && posed.leave_open(front)
    {
        outcome = select(&posed.problem, &Limit::default());
    }
    match outcome {
        Outcome::Chosen(selection) => {
            let choice = posed.slots.iter().zip(&posed.cards).zip(&selection.choice);
            let choice = choice.filter(|((slot, _), _)| reached.contains(slot));
            let choice = choice.filter_map(|((slot, cards), place)| Some((*slot, *cards.get(*place)?))).collect();
            Ok(Rc::new(Chosen { posed, selection, choice }))
        }
        Outcome::Infeasible(found) => Err(Box::new(conflict::no_model_fits(front, &posed, &found))),
        Outcome::TooLarge(found) => Err(Box::new(conflict::too_large(front, &posed, &found))),
    }
}
