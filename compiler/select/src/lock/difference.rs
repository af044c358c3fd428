//! What differs between two locks, in words.

use super::{Lock, LockedOption, LockedSlot, LockedTrait};
use crate::problem::Key;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

impl Lock {
    /// What would be decided otherwise if `new` took the place of this lock; empty where nothing would. Days, platforms and what
    /// the search took are no decisions.
    pub fn differences(&self, new: &Lock) -> Vec<Difference> {
        let mut found = Vec::new();
        for (name, old) in &self.entries {
            if let Some(new) = new.entries.get(name).filter(|new| new.memory != old.memory) {
                found.push(Difference::Memory { entry: name.clone(), old: old.memory, new: new.memory });
            }
            for (slot, options) in &old.at_request {
                let Some(others) = new.entries.get(name).and_then(|new| new.at_request.get(slot)) else { continue };
                if options != others {
                    let names = |options: &[LockedOption]| options.iter().map(|option| option.model.clone()).collect();
                    found.push(Difference::Options { slot: slot.clone(), old: names(options), new: names(others) });
                }
            }
        }
        for (name, old) in &self.slots {
            match new.slots.get(name) {
                Some(new) => old.differences(name, new, &mut found),
                None => found.push(Difference::Removed { slot: name.clone(), model: old.model.clone() }),
            }
        }
        for (name, new) in new.slots.iter().filter(|(name, _)| !self.slots.contains_key(*name)) {
            found.push(Difference::Added { slot: name.clone(), model: new.model.clone() });
        }
        found
    }
}

impl LockedSlot {
    fn differences(&self, slot: &str, new: &LockedSlot, found: &mut Vec<Difference>) {
        let slot = slot.to_owned();
        if self.task != new.task {
            found.push(Difference::Task { slot: slot.clone(), old: self.task.clone(), new: new.task.clone() });
        }
        if self.model != new.model {
            found.push(Difference::Model { slot, old: self.model.clone(), new: new.model.clone() });
            return;
        }
        if self.sha256 != new.sha256 {
            found.push(Difference::File { slot: slot.clone(), model: self.model.clone() });
        }
        let by_key = |traits: &[LockedTrait]| traits.iter().map(|t| (t.key(), t.clone())).collect::<BTreeMap<_, _>>();
        let (old, new) = (by_key(&self.traits), by_key(&new.traits));
        let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        let same = |key: &Key| match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => old.decides() == new.decides(),
            _ => false,
        };
        for key in keys.into_iter().filter(|key| !same(key)) {
            let of = |traits: &BTreeMap<Key, LockedTrait>| traits.get(key).cloned().map(Box::new);
            let (old, new) = (of(&old), of(&new));
            found.push(Difference::Trait { slot: slot.clone(), model: self.model.clone(), key: key.clone(), old, new });
        }
    }
}

impl LockedTrait {
    /// What a decision rests on.
    fn decides(&self) -> impl PartialEq {
        (self.value.to_bits(), self.source, self.samples, self.dataset_sha256.clone())
    }
}

/// One thing in which two locks differ; `Display` says it in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// The memory of a function, in MB.
    Memory {
        entry: String,
        old: Option<u32>,
        new: Option<u32>,
    },
    /// The models among which requests choose.
    Options {
        slot: String,
        old: Vec<String>,
        new: Vec<String>,
    },
    Added {
        slot: String,
        model: String,
    },
    Removed {
        slot: String,
        model: String,
    },
    Task {
        slot: String,
        old: String,
        new: String,
    },
    Model {
        slot: String,
        old: String,
        new: String,
    },
    /// The same model with another file.
    File {
        slot: String,
        model: String,
    },
    /// What is known of the same model.
    Trait {
        slot: String,
        model: String,
        key: Key,
        old: Option<Box<LockedTrait>>,
        new: Option<Box<LockedTrait>>,
    },
}

impl Difference {
    /// The slot that differs, or the function.
    pub fn of(&self) -> &str {
        match self {
            Difference::Memory { entry, .. } => entry,
            Difference::Options { slot, .. }
            | Difference::Added { slot, .. }
            | Difference::Removed { slot, .. }
            | Difference::Task { slot, .. }
            | Difference::Model { slot, .. }
            | Difference::File { slot, .. }
            | Difference::Trait { slot, .. } => slot,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Memory { entry, old, new } => {
                let mb = |memory: &Option<u32>| memory.map_or("no memory size".to_owned(), |mb| format!("{mb} MB"));
                write!(f, "`{entry}` had {} and would have {}", mb(old), mb(new))
            }
            Difference::Options { slot, old, new } => {
                let list = |names: &[String]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                match old == new {
                    true => write!(f, "the file of a model among which requests to `{slot}` choose has another sha256"),
                    false => {
                        let (old, new) = (list(old), list(new));
                        write!(f, "requests to `{slot}` chose among {old} and would choose among {new}")
                    }
                }
            }
            Difference::Added { slot, model } => {
                write!(f, "`{slot}` is not in the lock; it would be filled by `{model}`")
            }
            Difference::Removed { slot, model } => {
                write!(f, "`{slot}` (`{model}`) is in the lock and no longer in the program")
            }
            Difference::Task { slot, old, new } => write!(f, "the task of `{slot}` was `{old}` and is `{new}`"),
            Difference::Model { slot, old, new } => write!(f, "`{slot}` was filled by `{old}` and would be by `{new}`"),
            Difference::File { slot, model } => {
                write!(f, "the file of `{model}`, which fills `{slot}`, has another sha256")
            }
            Difference::Trait { slot, model, key, old, new } => {
                write!(f, "`{key}` of `{model}`, which fills `{slot}`, ")?;
                match (old, new) {
                    (Some(old), Some(new)) if old.value != new.value => {
                        write!(f, "was {} and is {}", old.value, new.value)
                    }
                    (Some(old), Some(new)) if old.dataset_sha256 != new.dataset_sha256 => {
                        write!(f, "was taken on another revision of its data set")
                    }
                    (Some(old), Some(new)) if old.source != new.source => {
                        write!(f, "was {} and is {}", old.source, new.source)
                    }
                    (Some(_), Some(_)) => write!(f, "was taken on another number of samples"),
                    (Some(_), None) => write!(f, "was used and is not any more"),
                    (None, _) => write!(f, "was not used and is now"),
                }
            }
        }
    }
}
