//! This executable: where it lies in memory, and what tells it from any other.

use crate::random;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_128;

/// What a frozen file is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The build id that the linker wrote into the executable: a hash of all of it.
    pub build: Vec<u8>,
    /// In bytes.
    pub page: u32,
    /// What the processor must have, separated by commas.
    pub features: String,
    /// The name of the root's type, and a hash of what it was made from.
    pub root: String,
}

/// The executable in memory.
pub(crate) struct Executable {
    pub range: Range<usize>,
    pub build: Vec<u8>,
}

const NOTE: u32 = 4;
const LOAD: u32 = 1;
const BUILD_ID: u32 = 3;

/// One program header of a 64-bit ELF file.
#[repr(C)]
struct Header {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    in_file: u64,
    in_memory: u64,
    align: u64,
}

impl Executable {
    /// `None` where it has no build id or does not begin with its own headers, as with unusual linkers.
    #[allow(unsafe_code)]
    pub fn this() -> Option<Executable> {
        // SAFETY: `getauxval` only reads what the kernel gave the process.
        let (at, count) =
            unsafe { (libc::getauxval(libc::AT_PHDR) as usize, libc::getauxval(libc::AT_PHNUM) as usize) };
        if at == 0 || count == 0 {
            return None;
        }
        // SAFETY: the kernel says that so many program headers lie there, and they stay mapped while the process lives.
        let headers = unsafe { std::slice::from_raw_parts(at as *const Header, count) };
        let first = headers.iter().find(|header| header.kind == LOAD && header.offset == 0)?;
        const FILE_HEADER: usize = 64;
        let base = at.checked_sub(FILE_HEADER)?.wrapping_sub(first.address as usize);
        let end = headers.iter().filter(|h| h.kind == LOAD).map(|h| h.address + h.in_memory).max()?;
        let build = headers.iter().filter(|header| header.kind == NOTE).find_map(|header| {
            // SAFETY: a note segment of a running executable is mapped at its address.
            let notes = unsafe {
                std::slice::from_raw_parts((base + header.address as usize) as *const u8, header.in_memory as usize)
            };
            build_id(notes)
        })?;
        Some(Executable { range: base..base + end as usize, build })
    }
}

/// The description of the note `GNU`, type 3.
fn build_id(mut notes: &[u8]) -> Option<Vec<u8>> {
    loop {
        let (head, rest) = notes.split_first_chunk::<12>()?;
        let number = |i: usize| head.get(i..i + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        let (name, text, kind) = (number(0) as usize, number(4) as usize, number(8));
        let body = rest.get(name.next_multiple_of(4)..)?;
        if kind == BUILD_ID && rest.get(..name)? == b"GNU\0" {
            return body.get(..text).map(<[u8]>::to_vec);
        }
        notes = body.get(text.next_multiple_of(4)..)?;
    }
}

impl Identity {
    /// Of this process, for a root of type `T` that was made from `source`, and an instruction set. `None` where the executable
    /// cannot be told from others.
    #[allow(unsafe_code)]
    pub fn of<T: 'static>(features: &str, source: &str) -> Option<Identity> {
        // SAFETY: it only reads a number.
        let page = u32::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
        let root = format!("{} {:032x}", std::any::type_name::<T>(), xxh3_128(source.as_bytes()));
        Some(Identity { build: Executable::this()?.build, page, features: features.to_string(), root })
    }
}

/// Makes the randomness that this process asks of the system the same every time, so that hash maps are laid out alike. Only
/// for a process that freezes and then ends.
pub fn without_chance() {
    random::pin();
}

/// Whether processes started from here on have their executable where chance puts it, which is the usual, or always at one place.
/// Without effect where the system does not allow it.
#[allow(unsafe_code)]
pub fn shuffle(by_chance: bool) {
    const KEEP: libc::c_ulong = 0xFFFF_FFFF;
    let fixed = libc::ADDR_NO_RANDOMIZE as libc::c_ulong;
    // SAFETY: this flag only counts for processes that are started later.
    unsafe {
        let now = libc::personality(KEEP);
        if now >= 0 {
            let now = now as libc::c_ulong;
            libc::personality(if by_chance { now & !fixed } else { now | fixed });
        }
    }
}

/// Whether addresses from two places differ in every byte that the place decides, whatever is added to them.
pub(crate) fn apart(a: u64, b: u64) -> bool {
    let byte = |x: u64, i: u32| (x >> (8 * i)) as u8;
    let lowest = (1..=2).find(|i| byte(a, *i) != 0 || byte(b, *i) != 0).unwrap_or(3);
    // Executables lie below 2^47, near the top or in the middle: the sixth byte is as good as fixed.
    let far = |i: u32| !matches!(byte(a, i).wrapping_sub(byte(b, i)), 0 | 1 | 255);
    byte(a, 5) == byte(b, 5) && (lowest..=4).all(far)
}
