//! `mu.lock`: which model fills each slot, pinned with what was known of it. The text is the same for the same content.

use crate::problem::{Evidence, Key, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The version of the format that is written; newer ones are refused.
const VERSION: i64 = 1;

const HEAD: &str = "# Written by mulc: which model fills each slot. Commit this file.\n";

/// The content of a `mu.lock`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lock {
    /// By the slot's name.
    pub slots: BTreeMap<String, LockedSlot>,
}

/// The model of a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedSlot {
    pub model: String,
    /// Of the model's file: 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The slot's task, as written: `image_classification<Digit>`.
    pub task: String,
    /// The traits that the requirements and the objective use.
    #[serde(default, rename = "trait", skip_serializing_if = "Vec::is_empty")]
    pub traits: Vec<LockedTrait>,
}

/// A trait as it was when the model was selected. In `traits` they stand by path, then data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedTrait {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Of the data set's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_sha256: Option<String>,
    /// In base units.
    pub value: f64,
    pub source: Source,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
}

/// Why a text is no lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockError {
    /// It is no TOML, or has not the fields of a lock; in the reader's words, with the bytes they are about.
    Malformed { message: String, at: Option<Range<usize>> },
    /// It was written by a newer mulc.
    Newer { version: i64 },
    /// A sha256 is not 64 lower-case hexadecimal digits.
    BadSha256 { slot: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: i64,
    #[serde(default, rename = "slot", skip_serializing_if = "BTreeMap::is_empty")]
    slots: BTreeMap<String, LockedSlot>,
}

#[derive(Deserialize)]
struct Head {
    version: i64,
}

impl LockedTrait {
    /// What is locked of a trait. `dataset_sha256` is that of the key's data set.
    pub fn new(key: &Key, evidence: &Evidence, dataset_sha256: Option<String>) -> LockedTrait {
        LockedTrait {
            path: key.path.clone(),
            dataset: key.dataset.clone(),
            dataset_sha256,
            value: evidence.value,
            source: evidence.source,
            samples: evidence.samples,
        }
    }

    fn key(&self) -> Key {
        Key::new(&self.path, self.dataset.clone())
    }
}

impl Lock {
    /// Reads the text of a lock.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let malformed = |error: toml::de::Error| {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            LockError::Malformed { message, at: error.span() }
        };
        // A newer format may have any other fields, so the version is read by itself first.
        let head: Head = toml::from_str(text).map_err(malformed)?;
        if head.version > VERSION {
            return Err(LockError::Newer { version: head.version });
        }
        let file: File = toml::from_str(text).map_err(malformed)?;
        let is_sha256 = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        for (name, slot) in &file.slots {
            let hashes = slot.traits.iter().filter_map(|t| t.dataset_sha256.as_ref()).chain([&slot.sha256]);
            if !hashes.into_iter().all(|hash| is_sha256(hash)) {
                return Err(LockError::BadSha256 { slot: name.clone() });
            }
        }
        Ok(Lock { slots: file.slots })
    }

    /// The text of the lock: slots by name, traits by path and data set.
    pub fn to_text(&self) -> Result<String, LockError> {
        let mut slots = self.slots.clone();
        for slot in slots.values_mut() {
            slot.traits.sort_by_key(LockedTrait::key);
        }
        let file = File { version: VERSION, slots };
        let text =
            toml::to_string(&file).map_err(|error| LockError::Malformed { message: error.to_string(), at: None })?;
        Ok(format!("{HEAD}{text}"))
    }

    /// What would change if `new` took the place of this lock, by slot. Empty where nothing would.
    pub fn differences(&self, new: &Lock) -> Vec<Difference> {
        let mut found = Vec::new();
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
        let keys: std::collections::BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        for key in keys.into_iter().filter(|key| old.get(key) != new.get(key)) {
            let of = |traits: &BTreeMap<Key, LockedTrait>| traits.get(key).cloned().map(Box::new);
            let (old, new) = (of(&old), of(&new));
            found.push(Difference::Trait { slot: slot.clone(), model: self.model.clone(), key: key.clone(), old, new });
        }
    }
}

/// One thing in which two locks differ; `Display` says it in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
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
    /// The slot that differs.
    pub fn slot(&self) -> &str {
        match self {
            Difference::Added { slot, .. }
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

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockError::Malformed { message, .. } => write!(f, "the lock cannot be read: {message}"),
            LockError::Newer { version } => {
                write!(f, "the lock has version {version}, newer than version {VERSION}, which this mulc reads")
            }
            LockError::BadSha256 { slot } => write!(f, "a sha256 of slot `{slot}` is not 64 hexadecimal digits"),
        }
    }
}

impl std::error::Error for LockError {}
