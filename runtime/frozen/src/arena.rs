//! Memory for what is to be frozen: given out in order, never twice, with a table of all pieces.

use crate::heap;
use crate::stack::on_stack;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};
use std::alloc::Layout;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Address space for the largest models and all that is thrown away on the way; only what is touched takes memory.
const RESERVED: usize = 64 << 30;
/// As much of it as the table of pieces may take.
const TABLE: usize = 4 << 30;
/// In front of each piece: its place in the table.
const HEAD: usize = 16;
/// Freed pieces of this size go back to the system; their addresses do not come again.
const LARGE: usize = 1 << 20;
const PAGE: usize = 4096;
/// Between the arena and the stack.
const GAP: usize = 1 << 30;

static RECORDING: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicUsize = AtomicUsize::new(0);
static END: AtomicUsize = AtomicUsize::new(0);
/// Where the table is, and how many pieces it has.
static PIECES: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// Whether pieces begin at odd multiples of their alignment.
static ODD: AtomicBool = AtomicBool::new(false);

/// A row of the table: memory that was asked for at once. Sizes in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub address: usize,
    pub size: usize,
    pub align: u32,
    live: bool,
    /// Its place in the table: how many were asked for before. The same work asks for the same pieces in the same order.
    pub number: u64,
}

/// A place from which all memory of the process can come for a while. There is one in a process, and one thread uses it.
pub struct Arena {
    start: usize,
}

/// What was allocated and is still in use.
pub struct Recorded {
    /// Where the arena lies: addresses, the end not included.
    pub(crate) range: std::ops::Range<usize>,
    /// By address.
    pub(crate) pieces: Vec<Piece>,
}

impl Arena {
    /// Reserves address space at `place`. A second arena of one process is an error. In an arena that begins at an odd page, pieces
    /// begin at odd multiples of their alignment, else at even ones: so the addresses of a piece in two such arenas differ in their
    /// lowest byte too. Else a byte that counts, in front of seven that were left over of an address, could pass for that address.
    #[allow(unsafe_code)]
    pub fn reserve(place: usize) -> io::Result<Arena> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: without `MAP_FIXED` nothing that is mapped is touched.
        let start = unsafe { mmap_anonymous(place as *mut _, RESERVED, ProtFlags::READ | ProtFlags::WRITE, flags)? };
        let start = start as usize;
        if start != place {
            return Err(io::Error::other("the address is taken"));
        }
        if !heap::claim(start, RESERVED) {
            return Err(io::Error::other("this process has frozen memory already"));
        }
        ODD.store(start / PAGE % 2 == 1, Relaxed);
        END.store(start + RESERVED, Relaxed);
        PIECES.store(start, Relaxed);
        NEXT.store(start + TABLE, Relaxed);
        Ok(Arena { start })
    }

    /// Runs `make` with all memory from the arena, on a thread and a stack of its own. It must not start threads that outlive it.
    pub fn record<T>(&self, make: impl FnOnce() -> T) -> io::Result<(T, Recorded)> {
        struct Stop;
        impl Drop for Stop {
            fn drop(&mut self) {
                RECORDING.store(false, Relaxed);
            }
        }
        let made = on_stack(self.start + RESERVED + GAP, || {
            RECORDING.store(true, Relaxed);
            let _stop = Stop;
            make()
        })?;
        let pieces = (0..COUNT.load(Relaxed)).map(piece).filter(|piece| piece.live).collect();
        Ok((made, Recorded { range: self.start..self.start + RESERVED, pieces }))
    }
}

#[allow(unsafe_code)]
fn piece(index: usize) -> Piece {
    // SAFETY: rows below `COUNT` were written, and rows lie in the table.
    unsafe { (PIECES.load(Relaxed) as *const Piece).add(index).read() }
}

#[allow(unsafe_code)]
fn set_piece(index: usize, piece: Piece) {
    // SAFETY: `allocate` gives no index beyond the table; one thread uses the arena.
    unsafe { (PIECES.load(Relaxed) as *mut Piece).add(index).write(piece) }
}

#[inline]
pub(crate) fn recording() -> bool {
    RECORDING.load(Relaxed)
}

/// The first address from `after` on that is an odd, or an even, multiple of the alignment.
fn place(after: usize, align: usize, odd: bool) -> usize {
    let shift = if odd { align } else { 0 };
    after.saturating_sub(shift).next_multiple_of(2 * align) + shift
}

/// A piece of memory, zeroed; null where the arena is full.
#[allow(unsafe_code)]
pub(crate) fn allocate(layout: Layout) -> *mut u8 {
    let place = place(NEXT.load(Relaxed) + HEAD, layout.align().max(HEAD), ODD.load(Relaxed));
    // One byte at least lies between a piece's end and the next one's start, so a pointer to an end belongs to one piece.
    let end = place.saturating_add(layout.size()).saturating_add(1);
    let index = COUNT.load(Relaxed);
    if end > END.load(Relaxed) || index >= TABLE / size_of::<Piece>() {
        return std::ptr::null_mut();
    }
    NEXT.store(end.next_multiple_of(8), Relaxed);
    COUNT.store(index + 1, Relaxed);
    set_piece(
        index,
        Piece { address: place, size: layout.size(), align: layout.align() as u32, live: true, number: index as u64 },
    );
    // SAFETY: the head lies in the arena, between the end of the last piece and this one.
    unsafe { ((place - HEAD) as *mut usize).write(index) };
    place as *mut u8
}

/// Marks a piece as free. Pieces of mapped files are left alone: they have no head, and a process that maps records nothing.
#[allow(unsafe_code)]
pub(crate) fn release(pointer: *mut u8) {
    if END.load(Relaxed) == 0 {
        return;
    }
    // SAFETY: every piece that the arena gave has a head in front.
    let index = unsafe { ((pointer as usize - HEAD) as *const usize).read() };
    let freed = Piece { live: false, ..piece(index) };
    set_piece(index, freed);
    let (first, last) = (freed.address.next_multiple_of(PAGE), (freed.address + freed.size) / PAGE * PAGE);
    if freed.size >= LARGE {
        // SAFETY: these whole pages lie inside of a piece that nobody uses any more. A failure only costs memory.
        unsafe { madvise(first as *mut _, last - first, Advice::LinuxDontNeed).ok() };
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_lowest_byte_of_a_pieces_address_is_another_one_in_each_kind_of_arena() {
        for align in [16, 32, 64, 128] {
            for after in (4096..8192).step_by(8) {
                let (even, odd) = (place(after, align, false), place(after, align, true));
                for found in [even, odd] {
                    assert!(found >= after && found < after + 2 * align && found.is_multiple_of(align));
                }
                assert_ne!(even as u8, odd as u8);
                assert_ne!(place(after + 24, align, true) as u8, even as u8);
            }
        }
    }
}
