//! The global allocator: the system's, but for what is recorded in an arena and for what lies in frozen memory.

use crate::arena;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Allocates as the system does. While an [`crate::Arena`] records, memory comes from there; memory of an arena or of a mapped
/// file is never given to the system.
pub struct Heap;

impl Heap {
    /// Keeps the memory that large tensors give back, instead of asking the system for it at each call and touching it anew. Once,
    /// when the process starts.
    #[allow(unsafe_code)]
    pub fn keep() {
        // The most that it takes.
        const ALL: libc::c_int = 32 << 20;
        const AHEAD: libc::c_int = 1 << 20;
        // SAFETY: these only set numbers of the allocator; one that is refused changes nothing.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, ALL);
            libc::mallopt(libc::M_TRIM_THRESHOLD, ALL);
            libc::mallopt(libc::M_TOP_PAD, AHEAD);
        }
    }
}

/// Where memory that is not the system's begins, and how many bytes it has. One range: a process either records or maps.
static START: AtomicUsize = AtomicUsize::new(0);
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Says once that a range is not the system's.
pub(crate) fn claim(start: usize, length: usize) -> bool {
    let free = LENGTH.compare_exchange(0, length, Relaxed, Relaxed).is_ok();
    if free {
        START.store(start, Relaxed);
    }
    free
}

#[inline]
fn foreign(pointer: *mut u8) -> bool {
    (pointer as usize).wrapping_sub(START.load(Relaxed)) < LENGTH.load(Relaxed)
}

// SAFETY: either the system's allocator or the arena answers, and each gets back only what it gave: the claimed range tells them
// apart. Memory of a mapped file belongs to nobody and is kept until the process ends.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match arena::recording() {
            true => arena::allocate(layout),
            // SAFETY: as the caller promises.
            false => unsafe { System.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match arena::recording() {
            // An arena gives each byte once, and its pages come as zeros.
            true => arena::allocate(layout),
            // SAFETY: as the caller promises.
            false => unsafe { System.alloc_zeroed(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match foreign(pointer) {
            true => arena::release(pointer),
            // SAFETY: as the caller promises.
            false => unsafe { System.dealloc(pointer, layout) },
        }
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !foreign(pointer) && !arena::recording() {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(pointer, layout, size) };
        }
        // SAFETY: the caller promises that `size` with this alignment does not overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: as the caller promises; both places hold the smaller of both sizes, and new memory overlaps no old one.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(size));
                self.dealloc(pointer, layout);
            }
            new
        }
    }
}
