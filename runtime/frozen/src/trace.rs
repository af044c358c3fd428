//! What can be reached from an object: its pieces of memory, word by word, without knowing what they are.

use crate::arena::{self, Recorded};
use crate::exe::Executable;
use std::collections::VecDeque;

/// The pieces that may belong to an object, the object's own first, and where they and the executable lay.
#[derive(Debug, Clone, PartialEq)]
pub struct Dump {
    /// Where the executable began, and its length in bytes.
    pub(crate) base: u64,
    pub(crate) extent: u64,
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of memory as it stood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub address: u64,
    /// How many pieces were asked for before it.
    pub number: u64,
    /// In bytes.
    pub align: u64,
    /// Whole words; the last one is filled up with zeros.
    pub bytes: Vec<u8>,
}

pub(crate) const WORD: usize = 8;

impl Dump {
    /// Follows every word that could be a pointer, from the root on. Words that are left over from something else can lead to
    /// more than belongs to the root; [`crate::image`] does not. `None` where the root is not of the arena or
    /// the executable cannot be found.
    pub fn of<T>(root: &T, recorded: &Recorded) -> Option<Dump> {
        let executable = Executable::this()?;
        let mut places: Vec<Option<u32>> = vec![None; recorded.pieces.len()];
        let mut dump =
            Dump { base: executable.range.start as u64, extent: executable.range.len() as u64, pieces: Vec::new() };
        let mut queue = VecDeque::new();
        let mut reach = |address: usize, queue: &mut VecDeque<usize>| {
            if !recorded.range.contains(&address) {
                return;
            }
            if let Some(index) = recorded.find(address)
                && let Some(place @ None) = places.get_mut(index)
            {
                *place = Some(0);
                queue.push_back(index);
            }
        };
        reach(std::ptr::from_ref(root) as usize, &mut queue);
        while let Some(index) = queue.pop_front() {
            let arena::Piece { address, align, number, .. } = *recorded.pieces.get(index)?;
            let bytes = recorded.bytes(index)?;
            for word in bytes.chunks_exact(WORD) {
                reach(value(word) as usize, &mut queue);
            }
            let mut bytes = bytes.to_vec();
            bytes.resize(bytes.len().next_multiple_of(WORD), 0);
            dump.pieces.push(Piece { address: address as u64, number, align: align.into(), bytes });
        }
        (!dump.pieces.is_empty()).then_some(dump)
    }

    /// For a file or a pipe between two processes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [self.base, self.extent, self.pieces.len() as u64] {
            bytes.extend(number.to_le_bytes());
        }
        for piece in &self.pieces {
            for number in [piece.address, piece.number, piece.align, piece.bytes.len() as u64] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(&piece.bytes);
        }
        bytes
    }

    /// `None` where the bytes are cut off.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Dump> {
        let number = |bytes: &mut &[u8]| {
            let (first, rest) = bytes.split_first_chunk::<WORD>()?;
            *bytes = rest;
            Some(u64::from_le_bytes(*first))
        };
        let (base, extent, count) = (number(&mut bytes)?, number(&mut bytes)?, number(&mut bytes)?);
        let mut pieces = Vec::new();
        for _ in 0..count {
            let (address, place) = (number(&mut bytes)?, number(&mut bytes)?);
            let (align, length) = (number(&mut bytes)?, number(&mut bytes)?);
            let (piece, rest) = bytes.split_at_checked(length as usize)?;
            pieces.push(Piece { address, number: place, align, bytes: piece.to_vec() });
            bytes = rest;
        }
        Some(Dump { base, extent, pieces })
    }
}

/// A word of memory.
pub(crate) fn value(word: &[u8]) -> u64 {
    word.first_chunk::<WORD>().map_or(0, |word| u64::from_le_bytes(*word))
}

impl Recorded {
    /// The piece in which an address lies; its end counts as well.
    fn find(&self, address: usize) -> Option<usize> {
        let after = self.pieces.partition_point(|piece| piece.address <= address);
        let index = after.checked_sub(1)?;
        let piece = self.pieces.get(index)?;
        (address - piece.address <= piece.size).then_some(index)
    }

    /// What stands in a piece.
    #[allow(unsafe_code)]
    fn bytes(&self, index: usize) -> Option<&[u8]> {
        let arena::Piece { address, size, .. } = *self.pieces.get(index)?;
        // SAFETY: the arena gave this piece, it is in use, and its pages were zeros before anything was written.
        Some(unsafe { std::slice::from_raw_parts(address as *const u8, size) })
    }
}
