//! `mu.lock`: what was chosen for every function of the main module, so that it does not depend on which of them is built.

use crate::choose::{Chooser, Chosen};
use crate::front::Front;
use crate::report::Failure;
use crate::{Input, Options};
use mu_analysis::hir;
use mu_base::{Code, Diagnostic, FileId, Loc, Span};
use mu_select::{Check, Difference, Goal, Key, Lock, LockError, LockedSlot, LockedTrait, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The lock's name, beside `mu.toml`.
pub const LOCK: &str = "mu.lock";

/// The lock that a program asks for, where it moves the one that is there. A lone file has none.
pub(crate) fn pinned<'a>(
    front: &'a Front,
    chooser: &mut Chooser<'a>,
    input: &Input,
    options: &Options,
) -> Result<Option<NewLock>, Failure> {
    match input.lone {
        Some(_) => Ok(None),
        None => hold(front, &lock(front, chooser), options.locked),
    }
}

/// What the selection of this program locks. A slot that two functions fill differently stands once for each.
fn lock<'a>(front: &'a Front, chooser: &mut Chooser<'a>) -> Lock {
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

/// A lock that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    pub text: String,
    /// The choices that the old lock pinned otherwise, a line each.
    pub moved: Vec<String>,
}

/// Holds the selection against `mu.lock`: what to write where it changed. `fixed` refuses a change.
fn hold(front: &Front, new: &Lock, fixed: bool) -> Result<Option<NewLock>, Failure> {
    let text = new.to_text().map_err(|error| Diagnostic::error(Code::BadLock, error.to_string()))?;
    let old = match &front.lock {
        None => None,
        Some(Ok(old)) => Some(old),
        Some(Err(error)) => {
            let message = format!("`{LOCK}` cannot be read: {error}");
            return Err(Diagnostic::error(Code::BadLock, message).help(ANEW).into());
        }
    };
    let known = match old {
        Some((file, old)) => Lock::parse(old).map_err(|error| bad(*file, &error))?,
        None => Lock::default(),
    };
    let differences = known.differences(new);
    if differences.is_empty() {
        return Ok(None);
    }
    if fixed {
        let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let message = format!("the selection differs from `{LOCK}`: {}", words.join("; "));
        let mut diagnostic = Diagnostic::error(Code::LockChanged, message);
        if let Some((file, old)) = old {
            diagnostic = diagnostic.at(place(*file, old, &differences), "this is pinned");
        }
        return Err(diagnostic
            .help("build without `--locked` to accept the new selection, or undo what changed it")
            .into());
    }
    let moved = differences.iter().filter_map(|difference| match difference {
        Difference::Model { slot, old, new } => Some(format!("`{slot}` {old} -> {new}")),
        Difference::File { slot, model } => Some(format!("`{slot}` {model}, of which the file is another")),
        _ => None,
    });
    Ok(Some(NewLock { text, moved: moved.collect() }))
}

const ANEW: &str = "delete it: it is written anew when the project is built";

fn bad(file: FileId, error: &LockError) -> Diagnostic {
    let span = match error {
        LockError::Malformed { at: Some(at), .. } => Span::new(at.start, at.end),
        _ => Span::default(),
    };
    Diagnostic::error(Code::BadLock, error.to_string()).at(Loc { file, span }, "not as mulc writes it").help(ANEW)
}

/// Where the lock speaks of the first slot that differs; its start, where it speaks of none.
fn place(file: FileId, text: &str, differences: &[Difference]) -> Loc {
    let found = differences.iter().find_map(|difference| {
        let slot = difference.slot();
        let head = [format!("[slot.{slot}]"), format!("[slot.\"{slot}\"]")].into_iter();
        head.filter_map(|head| text.find(&head).map(|start| Span::new(start, start + head.len()))).next()
    });
    Loc { file, span: found.unwrap_or_default() }
}
