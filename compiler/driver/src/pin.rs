//! `mu.lock`: what was chosen for every function of the main module, so that it does not depend on which of them is built.

use crate::choose::{Chooser, Chosen};
use crate::front::Front;
use crate::report::Failure;
use mu_analysis::hir;
use mu_base::{Code, Diagnostic, World, WorldError};
use mu_select::{Check, Goal, Key, Lock, LockedSlot, LockedTrait, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The lock's name, beside `mu.toml`.
pub const LOCK: &str = "mu.lock";

/// What the selection of this program locks. A slot that two functions fill differently stands once for each.
pub(crate) fn lock<'a>(front: &'a Front, chooser: &mut Chooser<'a>) -> Lock {
    let mut found: BTreeMap<String, BTreeMap<String, LockedSlot>> = BTreeMap::new();
    for entry in front.functions() {
        let Ok(chosen) = chooser.entry(front, &entry) else { continue };
        for slot in &entry.slots {
            if let Some((name, locked)) = locked(front, &chosen, *slot) {
                found.entry(name).or_default().insert(entry.name.clone(), locked);
            }
        }
    }
    let mut lock = Lock::default();
    for (slot, by_entry) in found {
        let mut all = by_entry.values();
        let first = all.next().cloned();
        match first.filter(|first| all.all(|other| other.model == first.model)) {
            Some(mut one) => {
                let traits = by_entry.values().flat_map(|locked| &locked.traits);
                one.traits = union(traits);
                lock.slots.insert(slot, one);
            }
            None => {
                lock.slots.extend(by_entry.into_iter().map(|(entry, locked)| (format!("{entry}.{slot}"), locked)));
            }
        }
    }
    lock
}

fn union<'t>(traits: impl Iterator<Item = &'t LockedTrait>) -> Vec<LockedTrait> {
    let key = |one: &LockedTrait| (one.path.clone(), one.dataset.clone());
    traits.map(|one| (key(one), one.clone())).collect::<BTreeMap<_, _>>().into_values().collect()
}

fn locked(front: &Front, chosen: &Chosen, slot: mu_analysis::names::DefId) -> Option<(String, LockedSlot)> {
    let place = chosen.posed.slots.iter().position(|other| *other == slot)?;
    let (slot, card) = (front.analysis.slots.get(&slot)?, front.analysis.cards.get(&chosen.card(place)?)?);
    let candidate = chosen.posed.problem.slots.get(place)?.candidates.get(*chosen.selection.choice.get(place)?)?;
    let used = used(chosen, place);
    let known = candidate.traits.iter().filter(|(key, _)| used.contains(key));
    let traits = known.map(|(key, evidence)| LockedTrait::new(key, evidence, dataset(front, key))).collect();
    let task = slot.task.show(&front.analysis.names);
    let locked = LockedSlot { model: card.name.clone(), sha256: card.net.sha256.clone(), task, traits };
    Some((slot.name.clone(), locked))
}

/// The sha256 of a trait's data set.
fn dataset(front: &Front, key: &Key) -> Option<String> {
    let name = key.dataset.as_ref()?;
    let mut sets = front.analysis.datasets.values();
    sets.find(|set: &&hir::Dataset| set.name == *name).map(|set| set.sha256.clone())
}

/// The traits of a slot that requirements and objective speak of.
fn used<'p>(chosen: &'p Chosen, place: usize) -> BTreeSet<&'p Key> {
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
    found
}

fn keys<'t>(term: &'t Term, place: usize, found: &mut BTreeSet<&'t Key>) {
    match term {
        Term::Number(_) => {}
        Term::Trait { slot, key } => found.extend((*slot == place).then_some(key)),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            keys(a, place, found);
            keys(b, place, found);
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().for_each(|term| keys(term, place, found)),
    }
}

/// Holds the selection against the lock beside `mu.toml`: the text to write where it changed. `fixed` refuses a change.
pub(crate) fn hold(world: &dyn World, new: &Lock, fixed: bool) -> Result<Option<String>, Failure> {
    let text = new.to_text().map_err(|error| Diagnostic::error(Code::BadLock, error.to_string()))?;
    let old = match world.read(LOCK) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(WorldError::NotFound) => None,
        Err(error) => return Err(bad(format!("`{LOCK}` cannot be read: {error}")).into()),
    };
    if old.as_deref() == Some(text.as_str()) {
        return Ok(None);
    }
    let old = match old {
        Some(old) => Lock::parse(&old).map_err(|error| bad(error.to_string()))?,
        None => Lock::default(),
    };
    let differences = old.differences(new);
    if differences.is_empty() {
        return Ok(None);
    }
    if fixed {
        let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let message = format!("the selection differs from `{LOCK}`: {}", words.join("; "));
        return Err(Diagnostic::error(Code::LockChanged, message)
            .help("build without `--locked` to accept the new selection, or undo what changed it")
            .into());
    }
    Ok(Some(text))
}

fn bad(message: String) -> Diagnostic {
    Diagnostic::error(Code::BadLock, message)
        .help(format!("delete `{LOCK}`: it is written anew when the project is built"))
}
