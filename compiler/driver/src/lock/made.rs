//! The lock of a selection: models, files, the traits that decided with their evidence, and how the search ended.

use crate::choose::{Chooser, Chosen};
use crate::front::Front;
use crate::problem::LEAST_MEMORY;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_format::bundle::sha256;
use mu_select::{Check, Goal, Key, Lock, LockedEntry, LockedGoal, LockedOption, LockedSlot, LockedTrait, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the selection of this program locks. A slot that two functions fill differently stands once for each.
pub(crate) fn made<'a>(front: &'a Front, chooser: &mut Chooser<'a>) -> Lock {
    let mut lock = Lock::default();
    let mut found: BTreeMap<String, BTreeMap<String, LockedSlot>> = BTreeMap::new();
    let mut candidates = BTreeSet::new();
    for entry in front.functions().into_iter().filter(|entry| !entry.slots.is_empty()) {
        let Ok(chosen) = chooser.entry(front, &entry) else { continue };
        candidates.extend(chosen.posed.cards.iter().flatten().copied());
        lock.entries.insert(entry.name.clone(), locked_entry(front, &chosen));
        for slot in &entry.slots {
            if let Some((name, locked)) = locked(front, &chosen, *slot) {
                found.entry(name).or_default().insert(entry.name.clone(), locked);
            }
        }
    }
    for (slot, by_entry) in found {
        match agreed(&by_entry) {
            Some(one) => {
                lock.slots.insert(slot, one);
            }
            None => {
                lock.slots.extend(by_entry.into_iter().map(|(entry, locked)| (format!("{entry}.{slot}"), locked)));
            }
        }
    }
    lock.catalog = (!lock.slots.is_empty()).then(|| revision(front, &candidates));
    lock
}

/// The slot as all functions see it: one model of which they know the same.
fn agreed(by_entry: &BTreeMap<String, LockedSlot>) -> Option<LockedSlot> {
    let first = by_entry.values().next()?;
    let mut traits: BTreeMap<Key, &LockedTrait> = BTreeMap::new();
    for locked in by_entry.values() {
        let same = locked.model == first.model
            && locked.traits.iter().all(|one| traits.get(&one.key()).is_none_or(|known| *known == one));
        if !same {
            return None;
        }
        traits.extend(locked.traits.iter().map(|one| (one.key(), one)));
    }
    Some(LockedSlot { traits: traits.into_values().cloned().collect(), ..first.clone() })
}

fn locked_entry(front: &Front, chosen: &Chosen) -> LockedEntry {
    let at_request = at_request(front, chosen);
    if let Some(kept) = &chosen.kept {
        return LockedEntry { at_request, ..kept.clone() };
    }
    let Chosen { posed, selection, .. } = chosen;
    let goals = posed.problem.objective.iter().zip(&selection.goals);
    LockedEntry {
        asked: chosen.asked.clone(),
        memory: chosen.memory(),
        nodes: selection.nodes,
        proven: selection.gap.is_none(),
        gap: selection.gap.clone(),
        goals: goals.map(|(goal, value)| LockedGoal { text: goal.text.clone(), value: *value }).collect(),
        at_request,
    }
}

/// The models among which requests choose, by slot.
fn at_request(front: &Front, chosen: &Chosen) -> BTreeMap<String, Vec<LockedOption>> {
    let mut found: BTreeMap<String, Vec<LockedOption>> = BTreeMap::new();
    for (slot, card) in chosen.cards() {
        let place = chosen.posed.slots.iter().position(|id| *id == slot);
        let slot = front.analysis.slots.get(&slot).filter(|_| place.is_some_and(|at| chosen.options.contains_key(&at)));
        if let (Some(slot), Some(card)) = (slot, front.analysis.cards.get(&card)) {
            let option = LockedOption { model: card.name.clone(), sha256: card.net.sha256.clone() };
            found.entry(slot.name.clone()).or_default().push(option);
        }
    }
    found
}

fn locked(front: &Front, chosen: &Chosen, slot: DefId) -> Option<(String, LockedSlot)> {
    let place = chosen.posed.slots.iter().position(|other| *other == slot)?;
    let (slot, card) = (front.analysis.slots.get(&slot)?, front.analysis.cards.get(&chosen.card(place)?)?);
    let candidate = chosen.posed.problem.slots.get(place)?.candidates.get(*chosen.selection.choice.get(place)?)?;
    let known = used(chosen, place).into_iter().filter_map(|key| {
        let evidence = candidate.evidence(&key, chosen.selection.setting)?;
        Some(LockedTrait::new(&key, evidence, dataset(front, &key)))
    });
    let task = slot.task.show(&front.analysis.names);
    let traits = known.collect();
    Some((slot.name.clone(), LockedSlot { model: card.name.clone(), sha256: card.net.sha256.clone(), task, traits }))
}

/// The sha256 of a trait's data set.
fn dataset(front: &Front, key: &Key) -> Option<String> {
    let name = key.dataset.as_ref()?;
    let mut sets = front.analysis.datasets.values();
    sets.find(|set: &&hir::Dataset| set.name == *name).map(|set| set.sha256.clone())
}

/// The traits of a slot that requirements and objective speak of.
fn used(chosen: &Chosen, place: usize) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    for required in &chosen.posed.problem.requirements {
        if let Check::Compare { left, right, .. } = &required.check {
            keys(left, place, &mut found);
            keys(right, place, &mut found);
        }
    }
    for objective in &chosen.posed.problem.objective {
        match &objective.goal {
            Goal::Minimize(term) | Goal::Maximize(term) => keys(term, place, &mut found),
        }
    }
    found.into_iter().filter(|key| key.path != LEAST_MEMORY).flat_map(with_figure).collect()
}

/// A limit stands beside the figure that it is of.
fn with_figure(key: &Key) -> [Key; 2] {
    [Key { limit: None, ..key.clone() }, key.clone()]
}

fn keys<'t>(term: &'t Term, place: usize, found: &mut BTreeSet<&'t Key>) {
    match term {
        Term::Number(_) | Term::Setting(_) => {}
        Term::Ceil { term, .. } | Term::Named { term, .. } => keys(term, place, found),
        Term::Trait { slot, key } => found.extend((*slot == place).then_some(key)),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            keys(a, place, found);
            keys(b, place, found);
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().for_each(|term| keys(term, place, found)),
    }
}

/// The sha256 over the texts of cards and their evidence, in the order of their names.
fn revision(front: &Front, cards: &BTreeSet<DefId>) -> String {
    let mut texts: Vec<(&str, String)> = Vec::new();
    for id in cards {
        let def = front.analysis.names.get(*id);
        let Some(module) = front.analysis.modules.get(def.module) else { continue };
        let source = front.analysis.sources.get(module.file).text;
        let item = module.parsed.items.get(def.item);
        let card = item.and_then(|item| source.get(item.range.start as usize..item.range.end as usize));
        let mut text = String::new();
        let _ = write!(text, "{}\0{}\0", card.unwrap_or_default(), front.evidence.text(&def.name));
        texts.push((&def.name, text));
    }
    texts.sort();
    sha256(
        texts
            .iter()
            .flat_map(|(name, text)| [name.as_bytes(), b"\0", text.as_bytes()])
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .as_slice(),
    )
}
