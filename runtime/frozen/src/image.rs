//! From two dumps of the same objects to one image without gaps, whose pointers are known.

use crate::exe::{Identity, apart};
use crate::file::{self, Contents};
use crate::trace::{Dump, Piece, WORD, value};
use std::collections::BTreeMap;
use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

/// Why objects cannot be frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The two processes lay at the same place by chance, so pointers cannot be told from numbers: do it again.
    SamePlace,
    /// The two made different objects; with what differs.
    Differs(String),
    /// Larger than a file can say.
    TooLarge,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::SamePlace => write!(f, "both processes lay at the same place"),
            Unfit::Differs(what) => write!(f, "making it twice does not give the same: {what}"),
            Unfit::TooLarge => write!(f, "it is too large"),
        }
    }
}

impl std::error::Error for Unfit {}

/// From this size on, pieces without pointers are kept apart, to be mapped without being touched.
const LARGE: usize = 2048;
/// Reference counts stand first in what is shared; a piece that could begin with two of them stays writable.
const MOST_OWNERS: u64 = 1 << 20;

/// What a word is.
#[derive(Clone, Copy)]
enum Word {
    Number,
    /// Into a piece, by its place in the dump, and so many bytes from its start.
    Object(usize, u64),
    /// So many bytes from where the executable begins.
    Executable(u64),
    /// Only the bytes of the mask are the same both times.
    Dead(u64),
}

/// The bytes of a frozen file, for the same objects dumped by two processes. The same objects give the same bytes.
///
/// Objects have bytes that nobody reads: padding, unused room, the unused part of an enum. What once stood there is often an
/// address, and shows by being different the second time. Such bytes become `filler`: whoever makes files should try two
/// fillers, which must serve alike.
pub fn image(first: &Dump, second: &Dump, identity: &Identity, filler: u8) -> Result<Vec<u8>, Unfit> {
    let words = compare(first, second)?;
    let has_pointers = |words: &[Word]| words.iter().any(|word| !matches!(word, Word::Number));
    let apart: Vec<bool> = first
        .pieces
        .iter()
        .zip(&words)
        .map(|(piece, words)| piece.bytes.len() >= LARGE && !has_pointers(words) && !counted(piece))
        .collect();
    let mut objects = Area::default();
    let mut data = Area::default();
    let places: Vec<u64> = first
        .pieces
        .iter()
        .zip(&apart)
        .map(|(piece, apart)| if *apart { data.share(piece) } else { objects.add(piece) })
        .collect();
    // Both areas lie one after the other; each begins on a page.
    let data_start = (objects.bytes.len() as u64).next_multiple_of(u64::from(identity.page));
    let place = |index: usize| {
        let offset = places.get(index).copied().unwrap_or_default();
        if apart.get(index) == Some(&true) { data_start + offset } else { offset }
    };
    let mut pointers = Vec::new();
    for (index, words) in words.iter().enumerate().filter(|(index, _)| apart.get(*index) == Some(&false)) {
        for (i, word) in words.iter().enumerate() {
            let (target, executable) = match word {
                Word::Number => continue,
                Word::Dead(mask) => {
                    let at = place(index) as usize + i * WORD;
                    let word = objects.bytes.get(at..).map_or(0, value);
                    put(&mut objects.bytes, at, word & mask | u64::from_le_bytes([filler; WORD]) & !mask);
                    continue;
                }
                Word::Object(target, offset) => (place(*target) + offset, false),
                Word::Executable(offset) => (*offset, true),
            };
            let at = place(index) + (i * WORD) as u64;
            put(&mut objects.bytes, at as usize, target);
            pointers.push((at, executable));
        }
    }
    pointers.sort_unstable();
    file::write(&Contents { identity, objects: &objects.bytes, pointers: &pointers, data: &data.bytes })
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    if let Some(place) = bytes.get_mut(at..at + WORD) {
        place.copy_from_slice(&word.to_le_bytes());
    }
}

/// What each word of each piece is.
fn compare(first: &Dump, second: &Dump) -> Result<Vec<Vec<Word>>, Unfit> {
    if !apart(first.base, second.base) || first.pieces.first().map(|p| p.address) == second.pieces.first().map(|p| p.address) {
        return Err(Unfit::SamePlace);
    }
    let shapes = |dump: &Dump| dump.pieces.iter().map(|p| (p.bytes.len(), p.align)).collect::<Vec<_>>();
    if shapes(first) != shapes(second) {
        let pieces = (first.pieces.len(), second.pieces.len());
        return Err(Unfit::Differs(format!("{} and {} pieces of memory, or their sizes", pieces.0, pieces.1)));
    }
    let (one, two) = (Finder::new(first), Finder::new(second));
    let mut all = Vec::with_capacity(first.pieces.len());
    for (a, b) in first.pieces.iter().zip(&second.pieces) {
        let mut words = Vec::new();
        if a.bytes != b.bytes || a.bytes.chunks_exact(WORD).any(|word| one.could_be_pointer(value(word))) {
            for (x, y) in a.bytes.chunks_exact(WORD).zip(b.bytes.chunks_exact(WORD)) {
                let (x, y) = (value(x), value(y));
                words.push(match (one.object(x), two.object(y)) {
                    _ if x == y => Word::Number,
                    (Some(at), Some(same)) if at == same => Word::Object(at.0, at.1),
                    _ if first.executable(x).is_some() && first.executable(x) == second.executable(y) => {
                        Word::Executable(first.executable(x).unwrap_or_default())
                    }
                    _ => Word::Dead(equal_bytes(x, y)),
                });
            }
        }
        all.push(words);
    }
    Ok(all)
}

/// Ones where the bytes of two words are equal. Where hardly any are, they are by chance, and a file is to have no chance in it.
fn equal_bytes(x: u64, y: u64) -> u64 {
    let equal = (0..WORD).map(|i| 0xFF << (8 * i)).filter(|byte| x & byte == y & byte);
    match equal.clone().count() {
        0 | 1 => 0,
        _ => equal.sum(),
    }
}

impl Dump {
    fn executable(&self, word: u64) -> Option<u64> {
        word.checked_sub(self.base).filter(|offset| *offset < self.extent)
    }
}

/// Finds the piece of an address.
struct Finder<'a> {
    dump: &'a Dump,
    /// Address, length, place in the dump; by address.
    pieces: Vec<(u64, u64, usize)>,
}

impl<'a> Finder<'a> {
    fn new(dump: &'a Dump) -> Finder<'a> {
        let pieces = dump.pieces.iter().enumerate();
        let mut pieces: Vec<_> = pieces.map(|(i, piece)| (piece.address, piece.bytes.len() as u64, i)).collect();
        pieces.sort_unstable();
        Finder { dump, pieces }
    }

    fn object(&self, word: u64) -> Option<(usize, u64)> {
        let after = self.pieces.partition_point(|(start, _, _)| *start <= word);
        let (start, length, index) = *self.pieces.get(after.checked_sub(1)?)?;
        (word - start <= length).then_some((index, word - start))
    }

    fn could_be_pointer(&self, word: u64) -> bool {
        self.dump.executable(word).is_some() || self.object(word).is_some()
    }
}

/// Whether a piece begins with what may be reference counts.
fn counted(piece: &Piece) -> bool {
    let mut words = piece.bytes.chunks_exact(WORD).map(value);
    let small = |word: Option<u64>| word.is_some_and(|word| (1..=MOST_OWNERS).contains(&word));
    small(words.next()) && small(words.next())
}

/// Pieces one after the other.
#[derive(Default)]
struct Area {
    bytes: Vec<u8>,
    /// By a hash of the bytes: where they lie. Pieces that are equal and are never written lie at one place.
    known: BTreeMap<(u128, u64), u64>,
}

impl Area {
    fn add(&mut self, piece: &Piece) -> u64 {
        let place = (self.bytes.len() as u64).next_multiple_of(piece.align.max(WORD as u64));
        self.bytes.resize(place as usize, 0);
        self.bytes.extend(&piece.bytes);
        place
    }

    fn share(&mut self, piece: &Piece) -> u64 {
        let key = (xxh3_128(&piece.bytes), piece.align);
        if let Some(place) = self.known.get(&key)
            && self.bytes.get(*place as usize..*place as usize + piece.bytes.len()) == Some(&piece.bytes)
        {
            return *place;
        }
        let place = self.add(piece);
        self.known.insert(key, place);
        place
    }
}
