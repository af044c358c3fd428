//! What a lock pins. The same question keeps its answer while the answer still holds: a new card or a new figure moves nothing by
//! itself, `mulc update` does. Another question (a requirement, the objective, where it runs) is answered anew.

use crate::conflict;
use crate::front::Front;
use crate::problem::Posed;
use mu_analysis::names::DefId;
use mu_base::Diagnostic;
use mu_format::bundle::sha256;
use mu_select::{
    Check, Evidence, Limit, Lock, LockedEntry, LockedSlot, Op, Outcome, Problem, Requirement, Selection, Source, Term,
    UnitShow, select,
};

/// Which choices are to stay.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins {
    pub lock: Lock,
    /// This slot is free, and the others stay whatever is asked; else everything stays that answers the same question.
    pub free: Option<DefId>,
}

/// A choice that stays.
pub(crate) struct Kept {
    pub selection: Selection,
    /// What the lock says of it, where nothing of it moved.
    pub entry: Option<LockedEntry>,
}

/// What is asked of a selection, as a sha256: where two are equal, so are the questions.
pub(crate) fn asked(front: &Front, posed: &Posed) -> String {
    let slots = posed.slots.iter().filter_map(|id| front.analysis.slots.get(id));
    let slots: Vec<_> = slots.map(|slot| (&slot.name, slot.task.show(&front.analysis.names))).collect();
    let Problem { settings, requirements, objective, .. } = &posed.problem;
    let weighed: Vec<_> = posed.weighed.iter().map(|weighed| (weighed.slot, &weighed.terms)).collect();
    sha256(format!("{slots:?} {settings:?} {requirements:?} {objective:?} {weighed:?}").as_bytes())
}

impl Pins {
    /// The choice that an entry has in the lock, where it still holds. Puts what only the lock knows of a pinned model (its
    /// size, where its file is not at hand) into the problem. The error is of a free slot that no model fills beside the others.
    pub fn keep(
        &self,
        front: &Front,
        posed: &mut Posed,
        entry: &str,
        asked: &str,
    ) -> Result<Option<Kept>, Box<Diagnostic>> {
        let known = self.lock.entries.get(entry).filter(|known| self.free.is_some() || known.asked == asked);
        let Some(known) = known else { return Ok(None) };
        let Some((narrowed, places)) = self.narrowed(front, posed, entry, known) else { return Ok(None) };
        match (select(&narrowed.problem, &Limit::default()), self.free) {
            (Outcome::Chosen(mut selection), free) => {
                for (chosen, place) in selection.choice.iter_mut().zip(places) {
                    *chosen = place.unwrap_or(*chosen);
                }
                // Whether a choice is the best was proven when it was made, or was not: what is kept is not searched for.
                if free.is_none() {
                    selection.gap = known.gap.clone();
                }
                let known = LockedEntry { asked: asked.to_owned(), ..known.clone() };
                let entry = free.is_none().then_some(known);
                Ok(Some(Kept { selection, entry }))
            }
            (_, None) => Ok(None),
            (Outcome::Infeasible(found), Some(_)) => {
                let wrong = conflict::no_model_fits(front, &narrowed, &found);
                let help = wrong.help.clone().map(|help| format!("{help}\n")).unwrap_or_default();
                Err(Box::new(wrong.help(format!("{help}the other slots stay as pinned: `mulc update` moves them too"))))
            }
            (Outcome::TooLarge(found), Some(_)) => Err(Box::new(conflict::too_large(front, &narrowed, &found))),
        }
    }

    /// Whether requests to a slot may choose a candidate: it is pinned among those that they choose from, or nothing is.
    pub fn offers(&self, front: &Front, posed: &Posed, entry: &str, slot: usize, place: usize) -> bool {
        let pinned = || {
            let id = posed.slots.get(slot).filter(|id| self.free != Some(**id))?;
            let options = self.lock.entries.get(entry)?.at_request.get(&front.analysis.slots.get(id)?.name)?;
            let card = front.analysis.cards.get(posed.cards.get(slot)?.get(place)?)?;
            Some(options.iter().any(|option| option.model == card.name && option.sha256 == card.net.sha256))
        };
        pinned().unwrap_or(true)
    }

    /// What is asked, with nothing to choose from but what is pinned; for each slot the place of the pinned candidate. Nothing
    /// where something pinned is no longer there.
    fn narrowed<'a>(
        &self,
        front: &Front,
        posed: &mut Posed<'a>,
        entry: &str,
        known: &LockedEntry,
    ) -> Option<(Posed<'a>, Vec<Option<usize>>)> {
        let mut places = vec![None; posed.slots.len()];
        for (at, id) in posed.slots.iter().enumerate() {
            if posed.asked.slots.contains(id) && self.free != Some(*id) {
                let locked = self.lock.slot(entry, &front.analysis.slots.get(id)?.name)?;
                let place = posed.cards.get(at)?.iter().position(|card| is_locked(front, *card, locked))?;
                let candidate = posed.problem.slots.get_mut(at)?.candidates.get_mut(place)?;
                for one in locked.traits.iter().filter(|one| one.source == Source::File) {
                    candidate.traits.entry(one.key()).or_insert_with(|| Evidence::new(one.value, Source::File));
                }
                *places.get_mut(at)? = Some(place);
            }
        }
        let mut narrowed = posed.clone();
        for ((slot, cards), place) in narrowed.problem.slots.iter_mut().zip(&mut narrowed.cards).zip(&places) {
            if let Some(place) = place {
                slot.candidates = slot.candidates.get(*place).cloned().into_iter().collect();
                *cards = cards.get(*place).copied().into_iter().collect();
            }
        }
        narrowed.problem.requirements.extend(memory(posed, known)?);
        Some((narrowed, places))
    }
}

/// That the pinned memory size is taken. Nothing at all where it is none of those that can be had.
fn memory(posed: &Posed, known: &LockedEntry) -> Option<Option<Requirement>> {
    let Some(lambda) = &posed.machine.lambda else { return Some(None) };
    let pinned = known.memory.filter(|memory| lambda.sizes.contains(memory))?;
    let taken = lambda.each(|mb| if mb == pinned { 1.0 } else { 0.0 });
    let check = Check::Compare { left: Term::Setting(taken), op: Op::Eq, right: Term::Number(1.0) };
    let unit = UnitShow { factor: 1.0, suffix: String::new() };
    Some(Some(Requirement { id: u32::MAX, text: format!("memory {pinned} MB, as pinned"), check, unit }))
}

fn is_locked(front: &Front, card: DefId, locked: &LockedSlot) -> bool {
    front.analysis.cards.get(&card).is_some_and(|card| card.name == locked.model && card.net.sha256 == locked.sha256)
}
