//! What stands where in an index: the header, the directory, and the keys of columns.

use crate::error::Error;
use serde::{Deserialize, Serialize};

pub(crate) const MAGIC: [u8; 8] = *b"MUINDEX\0";
/// The version that is written; newer ones are refused.
pub(crate) const VERSION: u32 = 1;
/// The payload is checked by blocks of this size.
pub(crate) const BLOCK: u64 = 64 << 10;
pub(crate) const HEADER: u64 = 64;
/// In place of a file's number: there is none.
pub(crate) const NONE: u32 = u32::MAX;

/// The name of a column: a trait and on what grounds its values stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// `top1`, `latency.p95`
    pub path: String,
    pub basis: Basis,
    pub aspect: Aspect,
}

/// What of a figure a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Aspect {
    Value,
    /// The lower end of its 95 % interval.
    Low,
    /// The upper end of it.
    High,
    /// How many samples or calls it was taken on.
    Samples,
}

/// In what a trait is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Its base unit: `s`; empty for ratios and counts.
    pub base: String,
    /// How many base units one of the unit is in which it is shown.
    pub factor: f64,
    /// What stands behind a number of it: ` ms`.
    pub suffix: String,
    /// Whether larger values are better.
    pub higher: bool,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Basis {
    /// Read from the model's file.
    File,
    /// Claimed by the card; a metric on a data set.
    Claimed { dataset: Option<String> },
    /// A metric that was measured on this data set.
    Measured { dataset: DataSet },
    /// Measured on a platform at a share of its processor, in millionths of one.
    Profile { platform: String, share: u64 },
}

/// A data set as its declaration names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DataSet {
    pub name: String,
    /// In lower-case hexadecimal.
    pub sha256: String,
}

/// A range of the payload, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Section {
    pub start: u64,
    pub length: u64,
}

/// Texts, one after the other: where each ends (`u32`), and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Texts {
    pub ends: Section,
    pub bytes: Section,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Directory {
    /// The compiler that made it, with its version.
    pub made_by: String,
    /// The platform whose figures count for this machine.
    pub platform: Option<String>,
    pub files: u32,
    pub paths: Texts,
    /// Of each file its size (`u64`) and its sha256 (32 bytes).
    pub rows: Section,
    /// Each licence that a card has, once.
    pub licenses: Vec<String>,
    /// By task.
    pub groups: Vec<GroupEntry>,
}

/// The cards of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupEntry {
    pub task: String,
    pub cards: u32,
    pub names: Texts,
    /// Of each card the number of its licence (`u32`).
    pub licenses: Section,
    /// Of each card the numbers of its own file and of its evidence's (`u32` each).
    pub sources: Section,
    /// Of each card what its maker noted (`u32`).
    pub notes: Section,
    /// Every trait that a model of the task can have, by path.
    pub measures: Vec<(String, Measure)>,
    /// By key, each a `f64` for each card.
    pub columns: Vec<(Key, Section)>,
}

/// The bytes of a row of files.
pub(crate) const ROW: u64 = 40;

/// The header as numbers.
pub(crate) struct Header {
    pub payload: u64,
    pub directory: Section,
    pub table_crc: u32,
}

impl Header {
    pub fn to_bytes(&self) -> [u8; HEADER as usize] {
        let mut bytes = [0; HEADER as usize];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.table_crc.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.payload.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.directory.start.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.directory.length.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub fn parse(bytes: &[u8]) -> Result<Header, Error> {
        let short = Error::Damaged { what: "its header is cut off" };
        let u32_at = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let u64_at = |at: usize| bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(Error::NotAnIndex);
        }
        let version = u32_at(8).ok_or(short.clone())?;
        if version > VERSION {
            return Err(Error::Newer { version });
        }
        let crc = u32_at(60).ok_or(short.clone())?;
        if version != VERSION || bytes.get(..60).map(crc32fast::hash) != Some(crc) {
            return Err(Error::Damaged { what: "the checksum of its header is wrong" });
        }
        let (Some(table_crc), Some(payload), Some(start), Some(length)) =
            (u32_at(12), u64_at(16), u64_at(24), u64_at(32))
        else {
            return Err(short);
        };
        Ok(Header { payload, directory: Section { start, length }, table_crc })
    }

    pub fn blocks(&self) -> u64 {
        self.payload.div_ceil(BLOCK)
    }
}
