//! `mu.lock`: which model fills each slot, pinned with what decided. The text is the same for the same content.

mod difference;

pub use difference::Difference;

use crate::outcome::Gap;
use crate::problem::{Confident, Evidence, Key, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The version of the format that is written; newer ones are refused. Version 1 had slots alone.
const VERSION: i64 = 2;

const HEAD: &str = "# Written by mulc: which model fills each slot. Commit this file.\n";

/// The content of a `mu.lock`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lock {
    /// The sha256 over all cards that were candidates and their evidence; nothing in a lock of version 1.
    pub catalog: Option<String>,
    /// By the function's name.
    pub entries: BTreeMap<String, LockedEntry>,
    /// By the slot's name; `entry.slot` where two functions fill a slot differently.
    pub slots: BTreeMap<String, LockedSlot>,
}

/// What was decided for a function that can be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedEntry {
    /// The sha256 over what was asked: the requirements, the objective and where it runs. Another question gets a new answer.
    pub asked: String,
    /// The function's memory in MB as AWS Lambda counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,
    /// Partial choices that the search looked at.
    pub nodes: u64,
    /// Whether nothing is better; else `gap` says how much better something could be.
    pub proven: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    #[serde(default, rename = "goal", skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<LockedGoal>,
    /// By the slot's name: the models among which its requests choose.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub at_request: BTreeMap<String, Vec<LockedOption>>,
}

/// A model that requests may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedOption {
    pub model: String,
    /// Of the model's file.
    pub sha256: String,
}

/// The value of a goal of the objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedGoal {
    /// As it is shown: `latency.p95`.
    pub text: String,
    /// In base units; nothing where it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
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
    /// The value is a limit that holds with some confidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Confident>,
    /// The program takes claims for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub claimed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// 95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// That a figure of speed was taken on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    catalog: Option<String>,
    #[serde(default, rename = "entry", skip_serializing_if = "BTreeMap::is_empty")]
    entries: BTreeMap<String, LockedEntry>,
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
            limit: key.limit.clone(),
            claimed: key.claimed,
            samples: evidence.samples,
            interval: evidence.interval,
            platform: evidence.platform.clone(),
            date: evidence.date.clone(),
        }
    }

    /// The trait that it is.
    pub fn key(&self) -> Key {
        Key { path: self.path.clone(), dataset: self.dataset.clone(), claimed: self.claimed, limit: self.limit.clone() }
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
        Ok(Lock { catalog: file.catalog, entries: file.entries, slots: file.slots })
    }

    /// What is pinned for a slot of a function.
    pub fn slot(&self, entry: &str, slot: &str) -> Option<&LockedSlot> {
        self.slots.get(&format!("{entry}.{slot}")).or_else(|| self.slots.get(slot))
    }

    /// The text of the lock: slots by name, traits by path and data set.
    pub fn to_text(&self) -> Result<String, LockError> {
        let mut slots = self.slots.clone();
        for slot in slots.values_mut() {
            slot.traits.sort_by_key(LockedTrait::key);
        }
        let (catalog, entries) = (self.catalog.clone(), self.entries.clone());
        let file = File { version: VERSION, catalog, entries, slots };
        let text =
            toml::to_string(&file).map_err(|error| LockError::Malformed { message: error.to_string(), at: None })?;
        Ok(format!("{HEAD}{text}"))
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
