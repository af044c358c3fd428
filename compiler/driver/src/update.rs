//! `mulc update`: moves `mu.lock`, and says what changed and why.

use crate::choose::{Chooser, Chosen};
use crate::front::{EntryPoint, Front};
use crate::lock::{self, NewLock, Pins};
use crate::report::{Failure, Report};
use crate::{Input, LOCK};
use mu_analysis::names::DefId;
use mu_base::{Code, Diagnostic, suggest};
use mu_select::{Difference, Limit, Lock, LockedSlot, Verdict, miss_text, reasons};
use serde::Serialize;
use std::collections::BTreeSet;

/// What an update came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Updated {
    /// What is decided otherwise than before, in the order of the names; empty where nothing is.
    pub changes: Vec<Moved>,
    /// Whether cards or evidence among the candidates changed since the lock was written.
    pub catalog_changed: bool,
    /// The lock to write, where it has another text.
    #[serde(skip)]
    pub lock: Option<NewLock>,
}

/// Something that is decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The slot, `entry.slot`, or the function.
    pub name: String,
    /// The model or memory that was pinned; nothing where there was none.
    pub old: Option<String>,
    pub new: Option<String>,
    /// Why, a line each.
    pub why: Vec<String>,
}

/// Chooses anew: every slot, or only the one called `slot`, beside which the others stay.
pub fn update(input: &Input, slot: Option<&str>) -> Report<Updated> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { moved(&front, input, slot) };
    Report::new(front, result)
}

fn moved(front: &Front, input: &Input, slot: Option<&str>) -> Result<Updated, Failure> {
    if input.lone.is_some() {
        let message = format!("one file by itself has no `{LOCK}`");
        return Err(Diagnostic::error(Code::BadProject, message).help("`mulc new DIR` makes a project").into());
    }
    let (old, free) = match slot {
        // What cannot be read is written anew; where the other slots are to stay, it must be read.
        None => (lock::read(front).unwrap_or_default().unwrap_or_default(), None),
        Some(name) => (lock::read(front)?.unwrap_or_default(), Some(named(front, name)?)),
    };
    let pins = free.map(|free| Pins { lock: old.clone(), free: Some(free) });
    let mut chooser = Chooser::with(pins.unwrap_or_default());
    let entries = front.functions();
    let wrong: Vec<Diagnostic> =
        entries.iter().filter_map(|entry| chooser.entry(front, entry).err()).map(|wrong| *wrong).collect();
    if !wrong.is_empty() {
        return Err(Failure::Wrong(wrong));
    }
    let new = lock::made(front, &mut chooser);
    let differences = old.differences(&new);
    let names: BTreeSet<&str> = differences.iter().map(Difference::of).collect();
    let explain = |name: &&str| explained(front, &mut chooser, &entries, (&old, &new), name);
    let changes = names.iter().map(explain).collect::<Vec<_>>();
    let catalog_changed = old.catalog.is_some() && old.catalog != new.catalog;
    Ok(Updated { changes, catalog_changed, lock: lock::moved(front, &old, &new)? })
}

fn named(front: &Front, name: &str) -> Result<DefId, Failure> {
    let mut slots = front.analysis.slots.iter();
    if let Some((id, _)) = slots.find(|(_, slot)| slot.name == name) {
        return Ok(*id);
    }
    let names: Vec<&str> = front.analysis.slots.values().map(|slot| slot.name.as_str()).collect();
    let help = match suggest::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the program has {}", names.join(", ")),
    };
    Err(Diagnostic::error(Code::UnknownName, format!("there is no slot `{name}`")).help(help).into())
}

/// Why a slot or a function is decided otherwise.
fn explained<'a>(
    front: &'a Front,
    chooser: &mut Chooser<'a>,
    entries: &[EntryPoint],
    (old, new): (&Lock, &Lock),
    name: &str,
) -> Moved {
    let (before, after) = (old.slots.get(name), new.slots.get(name));
    if before.is_none() && after.is_none() {
        let memory = |lock: &Lock| Some(format!("{} MB", lock.entries.get(name)?.memory?));
        return Moved { name: name.to_owned(), old: memory(old), new: memory(new), why: question(old, new, [name]) };
    }
    let of = entries.iter().filter(|entry| lock_has(front, new, entry, name));
    let of: Vec<&EntryPoint> = of.collect();
    let mut why = question(old, new, of.iter().map(|entry| entry.name.as_str()));
    for difference in old.differences(new).iter().filter(|difference| difference.of() == name) {
        if !matches!(difference, Difference::Model { .. } | Difference::Memory { .. }) {
            why.push(difference.to_string());
        }
    }
    if let (Some(before), Some(after)) = (before, after)
        && before.model != after.model
        && let Some(chosen) = of.first().and_then(|entry| chooser.entry(front, entry).ok())
    {
        why.extend(fate(front, &chosen, name.rsplit('.').next().unwrap_or(name), before));
    }
    let model = |slot: Option<&LockedSlot>| slot.map(|slot| slot.model.clone());
    Moved { name: name.to_owned(), old: model(before), new: model(after), why }
}

/// Whether a name of the lock is that of a slot as an entry has it.
fn lock_has(front: &Front, lock: &Lock, entry: &EntryPoint, name: &str) -> bool {
    let slots = entry.slots.iter().filter_map(|slot| front.analysis.slots.get(slot));
    let mut names = slots.map(|slot| (slot.name.as_str(), format!("{}.{}", entry.name, slot.name)));
    names.any(|(plain, own)| own == name || plain == name && !lock.slots.contains_key(&own))
}

/// Whether the program asks otherwise than when the lock was written.
fn question<'n>(old: &Lock, new: &Lock, entries: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let asked = |lock: &Lock, name: &str| lock.entries.get(name).map(|entry| entry.asked.clone());
    let other = |name: &&str| asked(old, name).is_some() && asked(old, name) != asked(new, name);
    let other = entries.into_iter().filter(other);
    other.map(|name| format!("`{name}` requires or ranks otherwise than when it was pinned")).collect()
}

/// What became of the model that was pinned, and what the new one has before it.
fn fate(front: &Front, chosen: &Chosen, slot: &str, before: &LockedSlot) -> Vec<String> {
    let old = &before.model;
    let problem = &chosen.posed.problem;
    let Some(at) = problem.slots.iter().position(|other| other.name == slot) else { return Vec::new() };
    let Some(candidates) = problem.slots.get(at).map(|slot| &slot.candidates) else { return Vec::new() };
    let mut why = Vec::new();
    let Some(place) = candidates.iter().position(|candidate| candidate.name == *old) else {
        return vec![format!("`{old}` is no longer a candidate: the catalog has no such card for its task")];
    };
    let card =
        chosen.posed.cards.get(at).and_then(|cards| cards.get(place)).and_then(|id| front.analysis.cards.get(id));
    if card.is_some_and(|card| card.net.sha256 != before.sha256) {
        why.push(format!("the file of `{old}` is another than the pinned one"));
    }
    for pinned in &before.traits {
        let now =
            candidates.get(place).and_then(|candidate| candidate.evidence(&pinned.key(), chosen.selection.setting));
        match now {
            None => why.push(format!("{} of `{old}` is no longer known", pinned.key())),
            Some(now) if now.value != pinned.value || now.source != pinned.source => why.push(format!(
                "{} of `{old}` was {} ({}) and is {} ({})",
                pinned.key(),
                pinned.value,
                pinned.source,
                now.value,
                now.source
            )),
            Some(_) => {}
        }
    }
    let verdicts = reasons(problem, &chosen.selection, at, &Limit::default()).unwrap_or_default();
    match verdicts.get(place) {
        Some(Verdict::Dropped { failed }) => {
            why.extend(failed.iter().map(|miss| format!("`{old}` is dropped: {}", miss_text(problem, miss, Some(at)))));
        }
        Some(Verdict::DroppedJointly { failed, .. }) => {
            let failed = failed.iter().filter_map(|rule| problem.requirements.get(*rule));
            why.extend(failed.map(|required| format!("`{old}` is dropped: with it nothing meets {}", required.text)));
        }
        Some(Verdict::Fits { best: Some(best) }) => {
            let both = problem.objective.iter().zip(&best.goals).zip(&chosen.selection.goals);
            let apart = both.filter_map(|((goal, old), new)| Some((goal, (*old)?, (*new)?))).find(|(_, a, b)| a != b);
            why.extend(apart.map(|(goal, old_value, new_value)| {
                let (old_value, new_value) = (goal.unit.show(old_value), goal.unit.show(new_value));
                format!("{} is {new_value}; with `{old}` it is {old_value}", goal.text)
            }));
        }
        Some(Verdict::Fits { best: None } | Verdict::Chosen) | None => {}
    }
    why
}
