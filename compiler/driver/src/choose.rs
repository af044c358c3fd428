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

/// The models chosen for an entry.
#[derive(Debug, Clone)]
pub(crate) struct Chosen<'a> {
    pub posed: Posed<'a>,
    pub selection: Selection,
    pub choice: Choice,
}

impl Chosen<'_> {
    /// The chosen card of a slot by its place in the problem.
    pub fn card(&self, place: usize) -> Option<DefId> {
        self.posed.cards.get(place)?.get(*self.selection.choice.get(place)?).copied()
    }
}

/// Chooses, and remembers by what was asked: functions without a deployment that reach the same slots ask the same, as long
/// as no slot's terms are about the whole program.
#[derive(Default)]
pub(crate) struct Chooser<'a> {
    known: BTreeMap<Vec<DefId>, Result<Chosen<'a>, Diagnostic>>,
}

impl<'a> Chooser<'a> {
    /// For a function that is called from outside.
    pub fn entry(&mut self, front: &'a Front, entry: &EntryPoint) -> Result<Chosen<'a>, Diagnostic> {
        match front.deploy(entry) {
            Some(deploy) => {
                let slots = entry.slots.clone();
                solve(front, Asked { function: Some(entry.function), deploy: Some(deploy), slots })
            }
            None => self.slots(front, &entry.slots),
        }
    }

    /// For a test: that of the first entry that reaches all its slots, so that what is tested is what is built.
    pub fn test(&mut self, front: &'a Front, test: &Test) -> Result<Chosen<'a>, Diagnostic> {
        let slots = front.slots_of(test);
        let covers = |entry: &EntryPoint| slots.iter().all(|slot| entry.slots.contains(slot));
        match front.entries().into_iter().find(|entry| !slots.is_empty() && covers(entry)) {
            Some(entry) => self.entry(front, &entry),
            None => self.slots(front, &slots),
        }
    }

    fn slots(&mut self, front: &'a Front, slots: &[DefId]) -> Result<Chosen<'a>, Diagnostic> {
        let solve = || solve(front, Asked { function: None, deploy: None, slots: slots.to_vec() });
        self.known.entry(slots.to_vec()).or_insert_with(solve).clone()
    }
}

fn solve<'a>(front: &'a Front, asked: Asked<'a>) -> Result<Chosen<'a>, Diagnostic> {
    let posed = pose(front, asked)?;
    match select(&posed.problem, &Limit::default()) {
        Outcome::Chosen(selection) => {
            let choice = posed.slots.iter().zip(&posed.cards).zip(&selection.choice);
            let choice = choice.filter_map(|((slot, cards), place)| Some((*slot, *cards.get(*place)?))).collect();
            Ok(Chosen { posed, selection, choice })
        }
        Outcome::Infeasible(found) => Err(conflict::no_model_fits(front, &posed, &found)),
        Outcome::TooLarge(found) => Err(conflict::too_large(front, &posed, &found)),
    }
}
