//! Machine code in memory: mapped to be read and run, never to be written, and only after it was found to fit.
#![allow(unsafe_code)] // maps memory

use mu_format::cpu::Cpu;
use mu_format::native::{self, Arch, Header};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};
use std::fs::File;
use std::ptr::NonNull;

/// What code is held against before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processor {
    /// `None` on a processor that no code is made for.
    pub arch: Option<Arch>,
    /// The [`native::FEATURES`] it has.
    pub features: u64,
}

impl Processor {
    /// The one that this runs on, with what was found of it.
    pub fn of(cpu: &Cpu) -> Processor {
        Processor { arch: Arch::host(), features: native::features(cpu.features()) }
    }

    /// The one that this runs on.
    pub fn host() -> Processor {
        Processor::of(&Cpu::host())
    }
}

/// The machine code of one program, ready to be run on this processor.
#[derive(Debug)]
pub struct Code {
    base: NonNull<u8>,
    len: usize,
    header: Header,
}

// SAFETY: the memory is never written after the value is made.
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nothing borrows from it for longer than the value lives.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
        debug_assert!(unmapped.is_ok(), "the mapping was ours");
    }
}

impl Code {
    /// Maps a file that `mulc` wrote. It must not be changed while the code is in use. `plan` is the [`native::digest`] of the
    /// plan that is to be run. The error is a sentence: why this code is not run.
    pub fn map(file: &File, processor: &Processor, plan: &[u8; 32]) -> Result<Code, String> {
        let failed = |e: &dyn std::fmt::Display| format!("the machine code cannot be mapped: {e}");
        let len = usize::try_from(file.metadata().map_err(|e| failed(&e))?.len()).map_err(|e| failed(&e))?;
        let access = ProtFlags::READ | ProtFlags::EXEC;
        // SAFETY: a new private mapping at an address of the kernel's choice touches no memory in use.
        let base = unsafe { mmap(std::ptr::null_mut(), len, access, MapFlags::PRIVATE, file, 0) };
        Code::checked(base.map_err(|e| failed(&e))?, len, processor, plan)
    }

    /// As [`Code::map`], from bytes in memory.
    pub fn of(bytes: &[u8], processor: &Processor, plan: &[u8; 32]) -> Result<Code, String> {
        let failed = |e| format!("the machine code cannot be mapped: {e}");
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: as in `map`.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes.len(), access, MapFlags::PRIVATE) };
        let base = base.map_err(failed)?;
        // SAFETY: the mapping has at least so many bytes, is writable, and nobody else knows of it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), base.cast(), bytes.len()) };
        // SAFETY: the mapping is ours.
        let protected = unsafe { mprotect(base, bytes.len(), MprotectFlags::READ | MprotectFlags::EXEC) };
        let code = Code::checked(base, bytes.len(), processor, plan)?;
        protected.map_err(failed)?;
        Ok(code)
    }

    fn checked(
        base: *mut std::ffi::c_void,
        len: usize,
        processor: &Processor,
        plan: &[u8; 32],
    ) -> Result<Code, String> {
        let base = NonNull::new(base.cast::<u8>()).ok_or("the machine code cannot be mapped")?;
        let header = Header { arch: Arch::X86_64, features: 0, plan: *plan, functions: Vec::new(), code: 0..0 };
        let mut code = Code { base, len, header };
        code.header = native::decode(code.bytes())?;
        let Header { arch, features, plan: made_for, .. } = &code.header;
        if Some(*arch) != processor.arch {
            return Err(format!("the machine code is for {}, and this is another processor", arch.name()));
        }
        if features & !processor.features != 0 {
            let lacking = native::feature_names(features & !processor.features).join(", ");
            return Err(format!("the machine code needs what this processor lacks: {lacking}"));
        }
        if made_for != plan {
            return Err("the machine code was made for another plan".into());
        }
        Ok(code)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping has `len` bytes, can be read, lives as long as `self`, and is never written.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The address of a place in the code, where there is one.
    pub(crate) fn address(&self, offset: u32) -> Option<*const u8> {
        self.header.code.contains(&(offset as usize)).then(|| self.bytes()[offset as usize..].as_ptr())
    }
}
