//! Opens an index. Whatever the bytes are, the answer is right or an error: all that is read is checked against its block's
//! checksum, and every section against the length that it must have.

use crate::error::Error;
use crate::layout::{BLOCK, Directory, GroupEntry, HEADER, Header, Key, Measure, NONE, ROW, Section, Texts};
use std::cell::Cell;

/// How much is read at a time: whole blocks, few enough to stay in the processor's cache.
const PIECE: u64 = 8 * BLOCK;

/// What an index is read from.
pub trait Bytes {
    /// In bytes.
    fn length(&self) -> Result<u64, Error>;
    /// Fills `into` with what stands from `start` on.
    fn read_at(&self, start: u64, into: &mut [u8]) -> Result<(), Error>;
}

impl Bytes for &[u8] {
    fn length(&self) -> Result<u64, Error> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, start: u64, into: &mut [u8]) -> Result<(), Error> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let found = start.checked_add(into.len()).and_then(|end| self.get(start..end));
        into.copy_from_slice(found.ok_or(Error::Damaged { what: "it is cut off" })?);
        Ok(())
    }
}

impl Bytes for std::fs::File {
    fn length(&self) -> Result<u64, Error> {
        self.metadata().map(|meta| meta.len()).map_err(unread)
    }

    fn read_at(&self, start: u64, into: &mut [u8]) -> Result<(), Error> {
        std::os::unix::fs::FileExt::read_exact_at(self, into, start).map_err(unread)
    }
}

fn unread(error: std::io::Error) -> Error {
    Error::Unread(error.to_string())
}

/// An index that was opened.
pub struct Index<B> {
    bytes: B,
    payload: u64,
    /// The checksum of each block.
    table: Vec<u32>,
    directory: Directory,
    read: Cell<u64>,
}

/// The cards of one task.
#[derive(Clone, Copy)]
pub struct Group<'a> {
    pub(crate) entry: &'a GroupEntry,
}

/// A card of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    pub license: String,
    /// Its file, by its number.
    pub file: u32,
    /// Its evidence's file.
    pub evidence: Option<u32>,
    /// Bits that mean what their maker says.
    pub notes: u32,
}

/// A file that the index was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub path: String,
    pub size: u64,
    pub sha256: [u8; 32],
}

impl<'a> Group<'a> {
    /// The task with its arguments.
    pub fn task(self) -> &'a str {
        &self.entry.task
    }

    pub fn cards(self) -> u32 {
        self.entry.cards
    }

    /// The columns that there are.
    pub fn keys(self) -> impl Iterator<Item = &'a Key> {
        self.entry.columns.iter().map(|(key, _)| key)
    }

    /// In what a trait is measured; nothing where no model of the task can have it.
    pub fn measure(self, path: &str) -> Option<&'a Measure> {
        self.measures().find(|(known, _)| *known == path).map(|(_, measure)| measure)
    }

    /// Every trait that a model of the task can have, by path.
    pub fn measures(self) -> impl Iterator<Item = (&'a str, &'a Measure)> {
        self.entry.measures.iter().map(|(path, measure)| (path.as_str(), measure))
    }
}

impl<B: Bytes> Index<B> {
    /// Reads the header, the table of blocks and the directory.
    pub fn open(bytes: B) -> Result<Index<B>, Error> {
        let length = bytes.length()?;
        if length < HEADER {
            return Err(Error::NotAnIndex);
        }
        let mut header = [0; HEADER as usize];
        bytes.read_at(0, &mut header)?;
        let header = Header::parse(&header)?;
        let wrong = Error::Damaged { what: "its length is not what its header says" };
        let table_length = header.blocks().checked_mul(4).ok_or(wrong.clone())?;
        let stated = HEADER.checked_add(table_length).and_then(|sum| sum.checked_add(header.payload));
        if stated != Some(length) {
            return Err(wrong);
        }
        let table_length = usize::try_from(table_length).map_err(|_| wrong)?;
        let mut table = vec![0; table_length];
        bytes.read_at(HEADER, &mut table)?;
        if crc32fast::hash(&table) != header.table_crc {
            return Err(Error::Damaged { what: "the checksum of its table of blocks is wrong" });
        }
        let empty = Section { start: 0, length: 0 };
        let nothing = Texts { ends: empty, bytes: empty };
        let directory = Directory {
            made_by: String::new(),
            platform: None,
            files: 0,
            paths: nothing,
            rows: empty,
            licenses: Vec::new(),
            groups: Vec::new(),
        };
        let read = Cell::new(HEADER + table.len() as u64);
        let mut index = Index { bytes, payload: header.payload, table: u32s(&table), directory, read };
        let directory = index.section(header.directory)?;
        index.directory =
            postcard::from_bytes(&directory).map_err(|_| Error::Damaged { what: "its directory cannot be read" })?;
        index.hold_lengths()?;
        Ok(index)
    }

    /// How many bytes were read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read.get()
    }

    /// The compiler that made it, with its version.
    pub fn made_by(&self) -> &str {
        &self.directory.made_by
    }

    /// The platform whose figures count for this machine.
    pub fn platform(&self) -> Option<&str> {
        self.directory.platform.as_deref()
    }

    /// By task.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.directory.groups.iter().map(|entry| Group { entry })
    }

    /// The cards of a task, written with its arguments.
    pub fn group(&self, task: &str) -> Option<Group<'_>> {
        self.groups().find(|group| group.task() == task)
    }

    /// Each licence that a card has, once.
    pub fn licenses(&self) -> &[String] {
        &self.directory.licenses
    }

    /// How many files it was made from.
    pub fn files(&self) -> u32 {
        self.directory.files
    }

    pub fn file(&self, number: u32) -> Result<FileRow, Error> {
        let row = self.rows(self.directory.rows, ROW, u64::from(number), 1)?;
        file_row(self.text(self.directory.paths, number)?, &row)
    }

    /// All files that it was made from.
    pub fn all_files(&self) -> Result<Vec<FileRow>, Error> {
        let paths = self.texts(self.directory.paths)?;
        let rows = self.section(self.directory.rows)?;
        paths.into_iter().zip(rows.chunks_exact(ROW as usize)).map(|(path, row)| file_row(path, row)).collect()
    }

    /// A card by its place in its group.
    pub fn card(&self, group: Group<'_>, place: u32) -> Result<Card, Error> {
        let license = u32s(&self.rows(group.entry.licenses, 4, u64::from(place), 1)?);
        let sources = u32s(&self.rows(group.entry.sources, 8, u64::from(place), 1)?);
        let notes = u32s(&self.rows(group.entry.notes, 4, u64::from(place), 1)?);
        let license = license.first().and_then(|license| self.directory.licenses.get(*license as usize));
        let (Some(license), [file, evidence], [notes]) = (license, sources.as_slice(), notes.as_slice()) else {
            return Err(Error::Damaged { what: "a card has a number that stands for nothing" });
        };
        let name = self.text(group.entry.names, place)?;
        Ok(Card {
            name,
            license: license.clone(),
            file: *file,
            evidence: (*evidence != NONE).then_some(*evidence),
            notes: *notes,
        })
    }

    /// The names of a group's cards, in byte order.
    pub fn names(&self, group: Group<'_>) -> Result<Vec<String>, Error> {
        self.texts(group.entry.names)
    }

    /// The values of a trait, one for each card of the group, a NaN where it is unknown; nothing where no card has it.
    pub fn column(&self, group: Group<'_>, key: &Key) -> Result<Option<Vec<f64>>, Error> {
        let mut values = Vec::with_capacity(group.cards() as usize);
        let known = self.each_value(group, key, |value| values.push(value))?;
        Ok(known.then_some(values))
    }

    /// Goes over the values of a trait in the order of the cards; whether there are any.
    pub(crate) fn each_value(&self, group: Group<'_>, key: &Key, mut with: impl FnMut(f64)) -> Result<bool, Error> {
        let found = group.entry.columns.binary_search_by(|(other, _)| other.cmp(key));
        let column = found.ok().and_then(|place| group.entry.columns.get(place));
        let Some((_, section)) = column else { return Ok(false) };
        // A number may stand across the end of a piece.
        let mut rest: Vec<u8> = Vec::with_capacity(8);
        self.pieces(section.start, section.length, |mut piece| {
            if !rest.is_empty() {
                let (head, tail) = piece.split_at(piece.len().min(8 - rest.len()));
                rest.extend_from_slice(head);
                piece = tail;
                if let Ok(bytes) = rest.as_slice().try_into() {
                    with(f64::from_le_bytes(bytes));
                    rest.clear();
                }
            }
            let (whole, left) = piece.as_chunks::<8>();
            whole.iter().for_each(|bytes| with(f64::from_le_bytes(*bytes)));
            rest.extend_from_slice(left);
        })?;
        Ok(true)
    }

    /// The number of each card's licence.
    pub(crate) fn license_numbers(&self, group: Group<'_>) -> Result<Vec<u32>, Error> {
        Ok(u32s(&self.section(group.entry.licenses)?))
    }

    /// Reads and checks all of it.
    pub fn verify(&self) -> Result<(), Error> {
        let all = self.payload.div_ceil(BLOCK);
        (0..all).try_for_each(|block| {
            let start = block * BLOCK;
            self.range(start, BLOCK.min(self.payload - start)).map(|_| ())
        })?;
        self.all_files()?;
        for group in self.groups() {
            self.names(group)?;
            (0..group.cards()).try_for_each(|place| self.card(group, place).map(|_| ()))?;
        }
        Ok(())
    }

    fn section(&self, section: Section) -> Result<Vec<u8>, Error> {
        self.range(section.start, section.length)
    }

    /// Rows of `width` bytes of a section.
    fn rows(&self, section: Section, width: u64, first: u64, count: u64) -> Result<Vec<u8>, Error> {
        let (from, length) = (first.checked_mul(width), count.checked_mul(width));
        match (from, length) {
            (Some(from), Some(length)) if from.checked_add(length).is_some_and(|end| end <= section.length) => {
                self.range(section.start + from, length)
            }
            _ => Err(Error::Damaged { what: "a number in it stands for nothing" }),
        }
    }

    /// Bytes of the payload, their blocks checked.
    fn range(&self, start: u64, length: u64) -> Result<Vec<u8>, Error> {
        // What the payload does not hold is refused before anything is made for it.
        let held = length.min(self.payload);
        let mut bytes = Vec::with_capacity(usize::try_from(held).unwrap_or(0));
        self.pieces(start, length, |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// Goes over bytes of the payload, piece by piece, the blocks of each checked.
    fn pieces(&self, start: u64, length: u64, mut with: impl FnMut(&[u8])) -> Result<(), Error> {
        let outside = Error::Damaged { what: "a section leads out of it" };
        let end = start.checked_add(length).filter(|end| *end <= self.payload).ok_or(outside)?;
        let mut buffer = Vec::new();
        let mut at = start;
        while at < end {
            let from = at / BLOCK * BLOCK;
            let to = (from + PIECE).min(end.div_ceil(BLOCK) * BLOCK).min(self.payload);
            buffer.resize((to - from) as usize, 0);
            self.bytes.read_at(HEADER + 4 * self.table.len() as u64 + from, &mut buffer)?;
            self.read.set(self.read.get() + (to - from));
            let sums = self.table.iter().skip((from / BLOCK) as usize);
            if buffer.chunks(BLOCK as usize).zip(sums).any(|(block, sum)| crc32fast::hash(block) != *sum) {
                return Err(Error::Damaged { what: "the checksum of a block is wrong" });
            }
            with(buffer.get((at - from) as usize..(end.min(to) - from) as usize).unwrap_or_default());
            at = to;
        }
        Ok(())
    }

    fn text(&self, texts: Texts, place: u32) -> Result<String, Error> {
        let (first, count) = if place == 0 { (0, 1) } else { (u64::from(place) - 1, 2) };
        let ends = u32s(&self.rows(texts.ends, 4, first, count)?);
        let (start, end) = match ends.as_slice() {
            [end] => (0, u64::from(*end)),
            [start, end] => (u64::from(*start), u64::from(*end)),
            _ => (1, 0),
        };
        let length = end.checked_sub(start).ok_or(Error::Damaged { what: "a text ends before it starts" })?;
        utf8(self.rows(texts.bytes, 1, start, length)?)
    }

    fn texts(&self, texts: Texts) -> Result<Vec<String>, Error> {
        let bytes = self.section(texts.bytes)?;
        let mut start = 0;
        let text = |end: u32| {
            let text = bytes.get(start..end as usize).ok_or(Error::Damaged { what: "a text ends before it starts" })?;
            start = end as usize;
            utf8(text.to_vec())
        };
        u32s(&self.section(texts.ends)?).into_iter().map(text).collect()
    }

    /// Whether every section has the length that the counts ask for.
    fn hold_lengths(&self) -> Result<(), Error> {
        let fits = |section: &Section, count: u32, width: u64| {
            section.length == u64::from(count) * width
                && section.start.checked_add(section.length).is_some_and(|end| end <= self.payload)
        };
        let directory = &self.directory;
        let files = fits(&directory.rows, directory.files, ROW) && fits(&directory.paths.ends, directory.files, 4);
        let group = |group: &GroupEntry| {
            fits(&group.names.ends, group.cards, 4)
                && fits(&group.licenses, group.cards, 4)
                && fits(&group.sources, group.cards, 8)
                && fits(&group.notes, group.cards, 4)
                && group.columns.iter().all(|(_, column)| fits(column, group.cards, 8))
        };
        match files && directory.groups.iter().all(group) {
            true => Ok(()),
            false => Err(Error::Damaged { what: "a section has not the length that it must have" }),
        }
    }
}

fn u32s(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

fn utf8(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| Error::Damaged { what: "a text is no UTF-8" })
}

fn file_row(path: String, row: &[u8]) -> Result<FileRow, Error> {
    let size = row.get(..8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let sha256 = row.get(8..).and_then(|bytes| bytes.try_into().ok());
    match (size, sha256) {
        (Some(size), Some(sha256)) => Ok(FileRow { path, size, sha256 }),
        _ => Err(Error::Damaged { what: "the row of a file is cut off" }),
    }
}
