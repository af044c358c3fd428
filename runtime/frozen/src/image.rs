//! From two dumps of the same objects to one image without gaps, whose pointers are known.

use crate::exe::{Identity, apart};
use crate::file::{self, Contents};
use crate::trace::{Dump, Piece, WORD, value};
use std::collections::{BTreeMap, VecDeque};
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
    /// Into a piece, by its place among what was found, and so many bytes from its start.
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
    let pieces = compare(first, second)?;
    let apart = |found: &Found| found.piece.bytes.len() >= LARGE && found.is_data() && !counted(found.piece);
    let apart: Vec<bool> = pieces.iter().map(apart).collect();
    let (mut objects, mut data) = (Area::default(), Area::default());
    let areas = pieces.iter().zip(&apart);
    let places: Vec<u64> =
        areas.map(|(found, apart)| if *apart { data.share(found.piece) } else { objects.add(found.piece) }).collect();
    // Both areas lie one after the other; each begins on a page.
    let data_start = (objects.bytes.len() as u64).next_multiple_of(u64::from(identity.page));
    let place = |index: usize| {
        let offset = places.get(index).copied().unwrap_or_default();
        if apart.get(index) == Some(&true) { data_start + offset } else { offset }
    };
    let mut pointers = Vec::new();
    for (index, found) in pieces.iter().enumerate().filter(|(index, _)| apart.get(*index) == Some(&false)) {
        for (i, word) in found.words.iter().enumerate() {
            let at = place(index) + (i * WORD) as u64;
            let (target, executable) = match word {
                Word::Number => continue,
                Word::Dead(mask) => {
                    let word = objects.bytes.get(at as usize..).map_or(0, value);
                    put(&mut objects.bytes, at as usize, word & mask | u64::from_le_bytes([filler; WORD]) & !mask);
                    continue;
                }
                Word::Object(target, offset) => (place(*target) + offset, false),
                Word::Executable(offset) => (*offset, true),
            };
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

/// A piece that belongs to the root in both dumps.
struct Found<'a> {
    piece: &'a Piece,
    /// None where the piece is equal in both and nothing in it could be a pointer.
    words: Vec<Word>,
}

impl Found<'_> {
    /// Whether all of it are numbers, each byte of which counts.
    fn is_data(&self) -> bool {
        self.words.iter().all(|word| matches!(word, Word::Number))
    }
}

/// Walks both dumps together from their roots. A piece of one belongs to that piece of the other which was asked for at the same
/// turn; where a word leads to both, at the same distance from their starts, it is a pointer.
fn compare<'a>(first: &'a Dump, second: &Dump) -> Result<Vec<Found<'a>>, Unfit> {
    let (one, two) = (Finder::new(first), Finder::new(second));
    let (Some(root), Some(other)) = (first.pieces.first(), second.pieces.first()) else {
        return Err(Unfit::Differs("there are no objects".into()));
    };
    if !apart(first.base, second.base) || root.address == other.address {
        return Err(Unfit::SamePlace);
    }
    // By their places in the first dump: their places among what was found.
    let mut known: BTreeMap<usize, usize> = BTreeMap::from([(0, 0)]);
    let mut queue = VecDeque::from([(root, other)]);
    let mut all = Vec::new();
    while let Some((a, b)) = queue.pop_front() {
        if (a.number, a.align, a.bytes.len()) != (b.number, b.align, b.bytes.len()) {
            let (a, b) = (a.bytes.len(), b.bytes.len());
            return Err(Unfit::Differs(format!("a piece of {a} bytes and one of {b}")));
        }
        let plain = a.bytes == b.bytes && !a.bytes.chunks_exact(WORD).any(|word| one.could_be_pointer(value(word)));
        let mut words = Vec::new();
        let pairs = a.bytes.chunks_exact(WORD).zip(b.bytes.chunks_exact(WORD));
        for (x, y) in pairs.filter(|_| !plain).map(|(x, y)| (value(x), value(y))) {
            words.push(match (one.object(x), two.object(y)) {
                _ if x == y => Word::Number,
                (Some((i, offset)), Some((j, same))) if offset == same && one.number(i) == two.number(j) => {
                    let next = known.len();
                    let place = *known.entry(i).or_insert(next);
                    if place == next
                        && let (Some(a), Some(b)) = (first.pieces.get(i), second.pieces.get(j))
                    {
                        queue.push_back((a, b));
                    }
                    Word::Object(place, offset)
                }
                _ if first.executable(x).is_some() && first.executable(x) == second.executable(y) => {
                    Word::Executable(first.executable(x).unwrap_or_default())
                }
                _ => Word::Dead(equal_bytes(x, y)),
            });
        }
        all.push(Found { piece: a, words });
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

    fn number(&self, index: usize) -> Option<u64> {
        self.dump.pieces.get(index).map(|piece| piece.number)
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
