//! A frozen file in memory.

use crate::exe::{Executable, Identity};
use crate::file::{self, Parts, Pointers, Refused};
use crate::heap;
use crate::trace::WORD;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mprotect};
use std::fs::File;
use std::marker::PhantomData;
use std::ops::Range;

/// Objects that were mapped, and stay until the process ends.
pub struct Frozen<T: 'static> {
    objects: usize,
    root: PhantomData<&'static T>,
}

impl<T> Frozen<T> {
    /// The object that was frozen.
    #[allow(unsafe_code)]
    pub fn root(&self) -> &'static T {
        // SAFETY: `map` found that this executable made the file from a root of this type, whose piece is the first, and that
        // every byte is as it was written; its pointers were moved, and the memory is never given back.
        unsafe { &*(self.objects as *const T) }
    }
}

/// Maps a file that is to hold a `T`, where it was made by this executable for a processor like this one. Its bytes are checked in
/// the very mapping that is used then. `has` says whether the processor has a feature. A process can do it once.
pub fn map<T: Sync + 'static>(
    file: &File,
    wanted: &Identity,
    has: impl Fn(&str) -> bool,
) -> Result<Frozen<T>, Refused> {
    let executable = Executable::this().ok_or(Refused::OtherBuild)?;
    let length = file.metadata().map_err(|e| Refused::Unreadable(e.to_string()))?.len() as usize;
    if length == 0 {
        return Err(Refused::Foreign);
    }
    let memory = |e: rustix::io::Errno| Refused::Memory(e.to_string());
    let start = readable(file, length).map_err(memory)?;
    let parts = file::read(bytes(start, 0..length), wanted, has)?;
    if !heap::claim(start, length) {
        return Err(Refused::Memory("this process has frozen memory already".into()));
    }
    relocate(start, &parts, executable.range.start).map_err(memory)?;
    Ok(Frozen { objects: start + parts.objects.start, root: PhantomData })
}

/// Maps the file's pages for reading and gives their address. They stay mapped, whatever becomes of them.
#[allow(unsafe_code)]
fn readable(file: &File, length: usize) -> rustix::io::Result<usize> {
    // SAFETY: a new mapping of a length above 0, where the kernel has room.
    let start = unsafe { mmap(std::ptr::null_mut(), length, ProtFlags::READ, MapFlags::PRIVATE, file, 0)? };
    Ok(start as usize)
}

/// A part of the mapping that nobody writes to while the slice is used.
#[allow(unsafe_code)]
fn bytes<'a>(start: usize, part: Range<usize>) -> &'a [u8] {
    // SAFETY: the parts lie in the mapping, which stays. Who writes to the bundle's file while it is in use can make the process
    // read other bytes than were checked, as with the executable itself.
    unsafe { std::slice::from_raw_parts((start + part.start) as *const u8, part.len()) }
}

/// Moves the pointers to where the file and the executable lie. Only the objects become writable: their reference counts change.
#[allow(unsafe_code)]
fn relocate(start: usize, parts: &Parts, executable: usize) -> rustix::io::Result<()> {
    let objects = start + parts.objects.start;
    let length = parts.data.start - parts.objects.start;
    if length == 0 {
        return Ok(());
    }
    // SAFETY: whole pages of the private mapping, between the start of the objects and that of the data.
    unsafe { mprotect(objects as *mut _, length, MprotectFlags::READ | MprotectFlags::WRITE)? };
    for (at, into_executable) in Pointers::new(bytes(start, parts.pointers.clone())) {
        if at + WORD > parts.objects.len() {
            break;
        }
        let word = (objects + at) as *mut usize;
        let base = if into_executable { executable } else { objects };
        // SAFETY: a word among the objects, which are writable and apart from the list of pointers; nothing refers to them yet.
        unsafe { word.write_unaligned(word.read_unaligned().wrapping_add(base)) };
    }
    Ok(())
}
