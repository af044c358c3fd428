//! The frozen file: a head, the list of pointers, the objects, the data.
//!
//! All numbers are little-endian. `MUFZ`, the version as u32, a checksum as u64 (of all that follows it; see `sum.rs`), then as u64 the places
//! of: the identity, the pointers, the objects, the data, the end. The identity is four texts, each after its length as u32. The
//! pointers are variable-length numbers: how many there are, then for each the distance from the last one in words, times two, plus one for those into the
//! executable. A word that is a pointer holds the distance of its target from the objects' start, or from the executable's.
//! Objects and data begin on pages.

use crate::exe::Identity;
use crate::image::Unfit;
use crate::sum;
use crate::trace::WORD;
use std::fmt;
use std::ops::Range;

const MAGIC: &[u8; 4] = b"MUFZ";
const VERSION: u32 = 2;
/// Magic, version, checksum.
const CHECKED: usize = 16;
const PLACES: usize = 5;
const HEAD: usize = CHECKED + PLACES * 8;

/// Why a frozen file is not used. What it was made from serves as well, only later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The disk.
    Unreadable(String),
    /// It is no frozen file, or one of another version.
    Foreign,
    /// Its bytes are not those that were written.
    Damaged,
    /// Made by another executable.
    OtherBuild,
    /// Made for another size of pages, in bytes.
    OtherPages(u32),
    /// The processor lacks a feature.
    Processor(String),
    /// It holds something else than what is asked for.
    OtherRoot,
    /// Memory could not be had.
    Memory(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Unreadable(why) => write!(f, "it cannot be read: {why}"),
            Refused::Foreign => write!(f, "it is no frozen file of this version"),
            Refused::Damaged => write!(f, "its checksum is wrong: it was damaged after it was built"),
            Refused::OtherBuild => write!(f, "it was made for another build of the runtime"),
            Refused::OtherPages(page) => write!(f, "it was made for pages of {page} bytes"),
            Refused::Processor(feature) => write!(f, "this processor has no {feature}"),
            Refused::OtherRoot => write!(f, "it holds something else"),
            Refused::Memory(why) => write!(f, "it cannot be mapped: {why}"),
        }
    }
}

impl std::error::Error for Refused {}

/// What is written.
pub(crate) struct Contents<'a> {
    pub identity: &'a Identity,
    pub objects: &'a [u8],
    /// Place in the objects, and whether it points into the executable; by place.
    pub pointers: &'a [(u64, bool)],
    pub data: &'a [u8],
}

/// Where the parts of a file lie, in bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub pointers: Range<usize>,
    pub objects: Range<usize>,
    /// From the end of the objects' last page on.
    pub data: Range<usize>,
}

pub(crate) fn write(contents: &Contents) -> Result<Vec<u8>, Unfit> {
    let page = contents.identity.page as usize;
    let mut file = vec![0; HEAD];
    let mut places = vec![file.len()];
    let Identity { build, page: size, features, root } = contents.identity;
    for text in [build.as_slice(), &size.to_le_bytes(), features.as_bytes(), root.as_bytes()] {
        file.extend(u32::try_from(text.len()).map_err(|_| Unfit::TooLarge)?.to_le_bytes());
        file.extend(text);
    }
    places.push(file.len());
    number(&mut file, contents.pointers.len() as u64);
    let mut last = 0;
    for (at, executable) in contents.pointers {
        number(&mut file, ((at - last) / WORD as u64) << 1 | u64::from(*executable));
        last = *at;
    }
    for part in [contents.objects, contents.data] {
        file.resize(file.len().next_multiple_of(page), 0);
        places.push(file.len());
        file.extend(part);
    }
    places.push(file.len());
    for (i, place) in places.iter().enumerate() {
        put(&mut file, CHECKED + i * 8, &(*place as u64).to_le_bytes());
    }
    put(&mut file, 0, MAGIC);
    put(&mut file, 4, &VERSION.to_le_bytes());
    let check = sum::of(file.get(CHECKED..).unwrap_or_default());
    put(&mut file, 8, &check.to_le_bytes());
    Ok(file)
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = file.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn number(file: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        file.push(n as u8 | 0x80);
        n >>= 7;
    }
    file.push(n as u8);
}

/// The pointers of a file, each as in [`Contents`].
pub(crate) struct Pointers<'a> {
    bytes: &'a [u8],
    left: u64,
    last: usize,
}

impl<'a> Pointers<'a> {
    /// Of the part of a file that lists them, which is filled up to a whole page.
    pub fn new(bytes: &'a [u8]) -> Pointers<'a> {
        let mut pointers = Pointers { bytes, left: 0, last: 0 };
        pointers.left = pointers.number().unwrap_or(0);
        pointers
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        let (mut n, mut shift) = (0u64, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            n |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(n);
            }
            shift = (shift + 7).min(56);
        }
    }
}

impl Iterator for Pointers<'_> {
    type Item = (usize, bool);

    #[inline]
    fn next(&mut self) -> Option<(usize, bool)> {
        self.left = self.left.checked_sub(1)?;
        let n = self.number()?;
        self.last = self.last.wrapping_add((n >> 1) as usize * WORD);
        Some((self.last, n & 1 == 1))
    }
}

/// Checks every byte of a file and that it is for this process. `has` says whether the processor has a feature.
pub(crate) fn read(file: &[u8], wanted: &Identity, has: impl Fn(&str) -> bool) -> Result<Parts, Refused> {
    let field = |at: usize| file.get(at..at + 8).map(crate::trace::value).ok_or(Refused::Foreign);
    if file.get(..4) != Some(MAGIC) || file.get(4..8) != Some(&VERSION.to_le_bytes()) {
        return Err(Refused::Foreign);
    }
    if sum::of(file.get(CHECKED..).unwrap_or_default()) != field(8)? {
        return Err(Refused::Damaged);
    }
    let place = |i: usize| field(CHECKED + i * 8).map(|place| place as usize);
    let parts = Parts { pointers: place(1)?..place(2)?, objects: place(2)?..place(3)?, data: place(3)?..place(4)? };
    let mut rest = file.get(place(0)?..place(1)?).ok_or(Refused::Foreign)?;
    let mut text = || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = after;
        Some(text)
    };
    let mut text = || text().ok_or(Refused::Foreign);
    let (build, page, features, root) = (text()?, text()?, text()?, text()?);
    if build != wanted.build {
        return Err(Refused::OtherBuild);
    }
    if page != wanted.page.to_le_bytes() {
        return Err(Refused::OtherPages(page.try_into().map_or(0, u32::from_le_bytes)));
    }
    if root != wanted.root.as_bytes() {
        return Err(Refused::OtherRoot);
    }
    let features = std::str::from_utf8(features).map_err(|_| Refused::Foreign)?;
    if let Some(missing) = features.split(',').find(|feature| !has(feature)) {
        return Err(Refused::Processor(missing.to_string()));
    }
    // The checksum holds, so these can only be wrong where the writer was.
    let page = wanted.page as usize;
    let sound = parts.objects.start.is_multiple_of(page)
        && parts.data.start.is_multiple_of(page)
        && parts.data.end == file.len()
        && [&parts.pointers, &parts.objects, &parts.data].iter().all(|part| part.start <= part.end);
    if sound { Ok(parts) } else { Err(Refused::Foreign) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_pointers_that_are_read_are_those_that_were_written_and_no_more() {
        let identity = Identity { build: vec![1; 20], page: 4096, features: "a,b".into(), root: "T".into() };
        let pointers = [(0, true), (8, false), (1 << 20, true), ((1 << 20) + 8, false)];
        let objects = vec![0; (1 << 20) + 16];
        let contents = Contents { identity: &identity, objects: &objects, pointers: &pointers, data: &[7; 100] };
        let bytes = write(&contents).unwrap();
        let parts = read(&bytes, &identity, |_| true).unwrap();
        let found: Vec<(u64, bool)> =
            Pointers::new(&bytes[parts.pointers.clone()]).map(|(at, executable)| (at as u64, executable)).collect();
        assert_eq!(found, pointers);
        assert_eq!((parts.objects.len(), &bytes[parts.data.clone()]), ((1usize << 20) + 4096, [7; 100].as_slice()));
        let lacking = read(&bytes, &identity, |feature| feature != "b");
        assert_eq!(lacking, Err(Refused::Processor("b".into())));
        for at in 0..bytes.len() {
            if at % 997 == 0 || at < 200 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 4;
                assert!(read(&flipped, &identity, |_| true).is_err(), "byte {at}");
            }
        }
    }
}
