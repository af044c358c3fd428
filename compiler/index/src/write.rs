//! Makes an index.

use crate::error::Error;
use crate::layout::{BLOCK, Directory, GroupEntry, Header, Key, Measure, NONE, Section, Texts};
use std::collections::BTreeMap;

/// All that an index says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// The compiler that made it, with its version.
    pub made_by: String,
    /// The platform whose figures count for this machine.
    pub platform: Option<String>,
    /// All that the facts depend on, in any order that the cards' numbers fit.
    pub files: Vec<FileEntry>,
    /// In any order.
    pub cards: Vec<CardEntry>,
    /// In what the traits of a task's models are measured, by task and path.
    pub measures: BTreeMap<String, BTreeMap<String, Measure>>,
}

/// A file that the index was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// From the project's folder.
    pub path: String,
    /// In bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

/// A card as the index holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct CardEntry {
    pub name: String,
    /// With its arguments, as it is shown: `image_classification<Digit>`.
    pub task: String,
    /// An SPDX expression.
    pub license: String,
    /// The card's file among the files.
    pub file: u32,
    /// Its evidence's, where there is some.
    pub evidence: Option<u32>,
    /// Bits that mean what their maker says.
    pub notes: u32,
    /// In base units; what is not finite is left out.
    pub values: Vec<(Key, f64)>,
}

/// The bytes of an index.
pub fn build(content: &Content) -> Result<Vec<u8>, Error> {
    let Content { files, cards, .. } = content;
    let count = |number: usize, what| u32::try_from(number).map_err(|_| Error::TooLarge { what });
    let file_count = count(files.len(), "files")?;
    if file_count == NONE {
        return Err(Error::TooLarge { what: "files" });
    }
    let mut payload = Payload::default();
    let paths = payload.texts(files.iter().map(|file| file.path.as_str()))?;
    let rows = payload.section(files.iter().flat_map(|file| [&file.size.to_le_bytes()[..], &file.sha256].concat()));
    let mut licenses: Vec<String> = cards.iter().map(|card| card.license.clone()).collect();
    licenses.sort_unstable();
    licenses.dedup();
    let mut by_task: BTreeMap<&str, Vec<&CardEntry>> = BTreeMap::new();
    cards.iter().for_each(|card| by_task.entry(&card.task).or_default().push(card));
    let mut groups = Vec::new();
    for (task, mut cards) in by_task {
        cards.sort_by(|a, b| a.name.cmp(&b.name));
        let license = |card: &&CardEntry| licenses.binary_search(&card.license).map_or(NONE, |place| place as u32);
        let sources = |card: &&CardEntry| [card.file, card.evidence.unwrap_or(NONE)];
        groups.push(GroupEntry {
            task: task.to_owned(),
            cards: count(cards.len(), "cards")?,
            names: payload.texts(cards.iter().map(|card| card.name.as_str()))?,
            licenses: payload.section(cards.iter().map(license).flat_map(u32::to_le_bytes)),
            sources: payload.section(cards.iter().flat_map(sources).flat_map(u32::to_le_bytes)),
            notes: payload.section(cards.iter().flat_map(|card| card.notes.to_le_bytes())),
            measures: content.measures.get(task).cloned().unwrap_or_default().into_iter().collect(),
            columns: columns(&mut payload, &cards),
        });
    }
    let (made_by, platform) = (content.made_by.clone(), content.platform.clone());
    let directory = Directory { made_by, platform, files: file_count, paths, rows, licenses, groups };
    let directory = postcard::to_stdvec(&directory).map_err(|_| Error::TooLarge { what: "columns" })?;
    let directory = payload.section(directory);
    let payload = payload.bytes;
    let table: Vec<u8> =
        payload.chunks(BLOCK as usize).flat_map(|block| crc32fast::hash(block).to_le_bytes()).collect();
    let header = Header { payload: payload.len() as u64, directory, table_crc: crc32fast::hash(&table) };
    Ok([&header.to_bytes()[..], &table, &payload].concat())
}

/// A column for each trait that one of the cards has.
fn columns(payload: &mut Payload, cards: &[&CardEntry]) -> Vec<(Key, Section)> {
    let mut columns: BTreeMap<&Key, Vec<f64>> = BTreeMap::new();
    for (place, card) in cards.iter().enumerate() {
        for (key, value) in card.values.iter().filter(|(_, value)| value.is_finite()) {
            let column = columns.entry(key).or_insert_with(|| vec![f64::NAN; cards.len()]);
            column[place] = *value;
        }
    }
    let mut section = |values: Vec<f64>| payload.section(values.into_iter().flat_map(f64::to_le_bytes));
    columns.into_iter().map(|(key, values)| (key.clone(), section(values))).collect()
}

#[derive(Default)]
struct Payload {
    bytes: Vec<u8>,
}

impl Payload {
    fn section(&mut self, bytes: impl IntoIterator<Item = u8>) -> Section {
        let start = self.bytes.len() as u64;
        self.bytes.extend(bytes);
        Section { start, length: self.bytes.len() as u64 - start }
    }

    fn texts<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> Result<Texts, Error> {
        let mut all = Vec::new();
        let mut ends = Vec::new();
        for text in texts {
            all.extend_from_slice(text.as_bytes());
            let end = u32::try_from(all.len()).map_err(|_| Error::TooLarge { what: "names" })?;
            ends.extend(end.to_le_bytes());
        }
        Ok(Texts { ends: self.section(ends), bytes: self.section(all) })
    }
}
