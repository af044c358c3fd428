//! Where the process gets its randomness: from the kernel, unless it freezes.
//!
//! The seeds of hash maps come from `getrandom`. A map that is frozen keeps the seed it was made with, so it must be the same
//! every time; maps made later have seeds of their own, as always.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static PINNED: AtomicBool = AtomicBool::new(false);

pub(crate) fn pin() {
    PINNED.store(true, Relaxed);
}

/// In place of the C library's function of this name, which does the same.
///
/// # Safety
/// `buffer` has room for `length` bytes.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut libc::c_void, length: usize, flags: libc::c_uint) -> isize {
    if PINNED.load(Relaxed) {
        // SAFETY: as the caller promises.
        unsafe { std::ptr::write_bytes(buffer.cast::<u8>(), 0x5A, length) };
        return length as isize;
    }
    // SAFETY: as the caller promises; the kernel writes no more than `length` bytes.
    unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) as isize }
}
