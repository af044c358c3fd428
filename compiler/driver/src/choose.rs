//! The selection for entries and tests, each problem solved once.

use crate::at_request::{self, Options};
use crate::conflict;
use crate::doubts::doubts;
use crate::front::{EntryPoint, Front};
use crate::lock::{self, Kept, Pins};
use crate::problem::{Asked, CostItems, Posed, pose};
use crate::report::Failure;
use mu_analysis::hir::Test;
use mu_analysis::names::DefId;
use mu_base::Diagnostic;
use mu_lower::{Choice, Filled, Filling, Lowering};
use mu_select::{Limit, LockedEntry, Outcome, Selection, select, value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The models chosen for an entry.
#[derive(Debug, Clone)]
pub(crate) struct Chosen<'a> {
    pub posed: Posed<'a>,
    pub selection: Selection,
    /// The cards of the slots that are reached.
    pub choice: Choice,
    /// The models among which requests choose, by the place of the slot.
    pub options: BTreeMap<usize, Options>,
    /// What was asked: see [`lock::asked`].
    pub asked: String,
    /// What the lock says of it, where the choice stays because it is pinned.
    pub kept: Option<LockedEntry>,
}

impl Chosen<'_> {
    /// The chosen card of a slot by its place in the problem.
    pub fn card(&self, place: usize) -> Option<DefId> {
        self.posed.cards.get(place)?.get(*self.selection.choice.get(place)?).copied()
    }

    /// Each slot that is reached with each card that may be called for it.
    pub fn cards(&self) -> Vec<(DefId, DefId)> {
        let of = |(slot, card): (&DefId, &DefId)| {
            let at = self.posed.slots.iter().position(|id| id == slot);
            let options = at.and_then(|at| self.options.get(&at).zip(self.posed.cards.get(at)));
            let several = options.map(|(options, cards)| options.places.iter().filter_map(|p| cards.get(*p)).copied());
            several.map_or(vec![(*slot, *card)], |cards| cards.map(|card| (*slot, card)).collect())
        };
        self.choice.iter().flat_map(of).collect()
    }

    /// What fills the slots in a program that is being made.
    pub fn filling(&self, lowering: &mut Lowering) -> Filling {
        let mut filling = Filling::from(&self.choice);
        for (at, options) in &self.options {
            let (Some(slot), Some(cards)) = (self.posed.slots.get(*at), self.posed.cards.get(*at)) else { continue };
            let decision = lowering.decision(options.decision.clone());
            let cards = options.places.iter().filter_map(|place| cards.get(*place)).copied().collect();
            filling.0.insert(*slot, Filled::AtRequest { decision, cards });
        }
        filling
    }

    /// The memory of the function in MB, on Lambda.
    pub fn memory(&self) -> Option<u32> {
        self.posed.machine.lambda.as_ref()?.sizes.get(self.selection.setting?).copied()
    }

    /// From the start of an environment to its first answer, beyond a warm call, in seconds, on Lambda where it is known.
    pub fn cold_start(&self) -> Option<f64> {
        let Selection { setting, choice, .. } = &self.selection;
        value(&self.posed.problem, self.posed.cold_start.as_ref()?, *setting, choice)
    }

    /// What a request costs, where that is known.
    pub fn cost(&self) -> Option<CostItems> {
        self.posed.cost.as_ref()?.items(&self.posed.problem, &self.selection)
    }
}

/// What a problem came to.
type Solved<'a> = Result<Rc<Chosen<'a>>, Box<Diagnostic>>;

/// Chooses, and remembers: what has no deployment and reaches the same slots asks the same.
pub(crate) struct Chooser<'a> {
    /// What only a missing file could tell is taken to be met.
    trusting: bool,
    pins: Pins,
    /// By deployment and slots.
    known: BTreeMap<(Option<usize>, Vec<DefId>), Solved<'a>>,
}

impl<'a> Chooser<'a> {
    /// Keeps what `mu.lock` pins. The error is a lock that cannot be read.
    pub fn new(front: &Front) -> Result<Chooser<'a>, Failure> {
        let lock = lock::read(front)?.unwrap_or_default();
        Ok(Chooser::with(Pins { lock, free: None }))
    }

    pub fn with(pins: Pins) -> Chooser<'a> {
        Chooser { trusting: false, pins, known: BTreeMap::new() }
    }

    /// For what needs no weights: where a model's file is missing, what is required of its size is left open.
    pub fn trusting(self) -> Chooser<'a> {
        Chooser { trusting: true, ..self }
    }

    /// For a function that is called from outside.
    pub fn entry(&mut self, front: &'a Front, entry: &EntryPoint) -> Solved<'a> {
        let key = (entry.deploy, entry.slots.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let deploy = front.deploy(entry);
        let asked = Asked { function: deploy.map(|deploy| deploy.function), deploy, slots: entry.slots.clone() };
        let solved = self.solve(front, asked, Some(&entry.name));
        self.known.insert(key, solved.clone());
        solved
    }

    /// For a test: that of the first entry that reaches all its slots, so that what is tested is what is built.
    pub fn test(&mut self, front: &'a Front, entries: &[EntryPoint], test: &Test) -> Solved<'a> {
        let slots = front.slots_of(test);
        let covers = |entry: &&EntryPoint| slots.iter().all(|slot| entry.slots.contains(slot));
        if let Some(entry) = entries.iter().find(covers).filter(|_| !slots.is_empty()) {
            return self.entry(front, entry);
        }
        let key = (None, slots.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let solved = self.solve(front, Asked { function: None, deploy: None, slots }, None);
        self.known.insert(key, solved.clone());
        solved
    }

    fn solve(&self, front: &'a Front, asked: Asked<'a>, entry: Option<&str>) -> Solved<'a> {
        let mut posed = pose(front, asked)?;
        let asked = lock::asked(front, &posed);
        let mut kept = self.keep(front, &mut posed, entry, &asked)?;
        let outcome = match &mut kept {
            Some(kept) => Outcome::Chosen(kept.selection.clone()),
            None => match select(&posed.problem, &Limit::default()) {
                Outcome::Infeasible(_) if self.trusting && posed.leave_open(front) => {
                    kept = self.keep(front, &mut posed, entry, &asked)?;
                    let again = || select(&posed.problem, &Limit::default());
                    kept.as_ref().map_or_else(again, |kept| Outcome::Chosen(kept.selection.clone()))
                }
                outcome => outcome,
            },
        };
        match outcome {
            Outcome::Chosen(mut selection) => {
                let kept_for = entry.filter(|_| kept.is_some());
                let options = at_request::options(&posed, &mut selection, |slot, place| {
                    kept_for.is_none_or(|entry| self.pins.offers(front, &posed, entry, slot, place))
                })?;
                let choice = posed.slots.iter().zip(&posed.cards).zip(&selection.choice);
                let choice = choice.filter(|((slot, _), _)| posed.asked.slots.contains(slot));
                let choice = choice.filter_map(|((slot, cards), place)| Some((*slot, *cards.get(*place)?)));
                let choice = choice.collect();
                let kept = kept.and_then(|kept| kept.entry);
                let chosen = Chosen { posed, selection, choice, options, asked, kept };
                front.say(doubts(front, &chosen));
                Ok(Rc::new(chosen))
            }
            Outcome::Infeasible(found) => Err(Box::new(conflict::no_model_fits(front, &posed, &found))),
            Outcome::TooLarge(found) => Err(Box::new(conflict::too_large(front, &posed, &found))),
        }
    }

    fn keep(
        &self,
        front: &Front,
        posed: &mut Posed<'a>,
        entry: Option<&str>,
        asked: &str,
    ) -> Result<Option<Kept>, Box<Diagnostic>> {
        entry.map_or(Ok(None), |entry| self.pins.keep(front, posed, entry, asked))
    }
}
