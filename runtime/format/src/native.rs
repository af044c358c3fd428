//! `native.bin`: a program's machine code for one processor, and what that code and the runtime agree on.
//!
//! The code is position-independent and holds no relocation. It reaches the runtime through one table of functions, whose
//! address stands in the context that every function is given: `fn(context, frame) -> status`. See [`crate::frame`] for where
//! values live.

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 4] = b"MUNC";
/// Changes with the layout of the blob, of contexts, cells and frames, and with the table.
pub const VERSION: u32 = 1;
/// Where the checksum stands, of everything after it.
const CHECKSUM: std::ops::Range<usize> = 8..16;
/// Magic, version, checksum, processor, features, digest of the plan, number of functions, start and length of the code.
const HEADER: usize = 4 + 4 + 8 + 4 + 8 + 32 + 4 + 4 + 4;
/// Functions and the code as a whole start at multiples of this.
pub const ALIGN: usize = 64;

/// Bytes of a cell.
pub const CELL: i32 = 32;
/// In a cell: the address of a tensor's elements, or the bits of a scalar.
pub const CELL_DATA: i32 = 0;
/// In a cell: the number of a tensor's or list's elements.
pub const CELL_LEN: i32 = 8;
/// In a cell: the address of a tensor's dimensions.
pub const CELL_DIMS: i32 = 16;
/// In a cell: the number of a tensor's dimensions.
pub const CELL_RANK: i32 = 24;
/// In the context: the address of the table.
pub const CONTEXT_TABLE: i32 = 0;
/// In the context: the steps that are left.
pub const CONTEXT_FUEL: i32 = 8;
/// In the context: the address of the option that is picked of each decision, as u32.
pub const CONTEXT_PICKS: i32 = 16;

/// The functions of the table, by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Service {
    /// `(context, frame, function: u32, result: u32) -> status`: runs an instruction, with its cost.
    Instruction = 0,
    /// As above: puts a literal or a constant into its cells, at no cost.
    Literal = 1,
    /// As above: notes that no step is left at an instruction; the status is always 1.
    Spent = 2,
    /// `(context, cell, dtype: u32, rank: u32, dims: *const u64) -> status`: makes the cell a tensor to be written.
    Tensor = 3,
    /// `(context, to, from)`: the cell holds what the other one holds.
    Copy = 4,
    /// `(context, a, b)`: two cells exchange what they hold.
    Swap = 5,
    /// `(context, first, count: u64)`: cells hold nothing any more.
    Release = 6,
    /// `(context, frame, function: u32, result: u32, index: u64) -> status`: an element into the parameter of a loop's body.
    Element = 7,
    /// As above: what a loop's body yields becomes an element of the result.
    Push = 8,
    /// As above: the result of a loop has so many elements.
    Finish = 9,
}

impl Service {
    pub const COUNT: usize = 10;
}

/// A processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Arch {
    X86_64 = 1,
    Aarch64 = 2,
}

impl Arch {
    /// The processor that this code runs on, if it is one of ours.
    pub fn host() -> Option<Arch> {
        if cfg!(target_arch = "x86_64") {
            Some(Arch::X86_64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Arch::Aarch64)
        } else {
            None
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Aarch64 => "aarch64",
        }
    }

    pub fn from_name(name: &str) -> Option<Arch> {
        [Arch::X86_64, Arch::Aarch64].into_iter().find(|arch| arch.name() == name)
    }
}

macro_rules! features {
    ($($bit:literal $name:literal,)*) => {
        /// What code may need of a processor, by bit, as `is_x86_feature_detected` names it.
        pub const FEATURES: &[(u64, &str)] = &[$((1 << $bit, $name)),*];
    };
}

features! {
    0 "sse3", 1 "ssse3", 2 "sse4.1", 3 "sse4.2", 4 "popcnt", 5 "avx", 6 "avx2", 7 "bmi1", 8 "bmi2", 9 "lzcnt",
}

/// The bits of some features; names that do not exist have none.
pub fn features(names: &[&str]) -> u64 {
    FEATURES.iter().filter(|(_, name)| names.contains(name)).fold(0, |all, (bit, _)| all | bit)
}

/// The names of features.
pub fn feature_names(bits: u64) -> Vec<&'static str> {
    FEATURES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect()
}

/// The digest of a plan's bytes, by which code knows its plan.
pub fn digest(plan: &[u8]) -> [u8; 32] {
    Sha256::digest(plan).into()
}

/// A digest from the hexadecimal form that `bundle.json` has of it; `None` for other texts.
pub fn digest_from_hex(text: &str) -> Option<[u8; 32]> {
    let byte = |i: usize| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..32).map(byte).collect::<Option<_>>()?;
    if text.len() == 64 { bytes.try_into().ok() } else { None }
}

/// What a blob says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub arch: Arch,
    /// [`FEATURES`] that the code needs.
    pub features: u64,
    /// The [`digest`] of the plan.
    pub plan: [u8; 32],
    /// Where each function of the program starts in the blob.
    pub functions: Vec<u32>,
    /// Where the code lies in the blob.
    pub code: std::ops::Range<usize>,
}

/// The bytes of a blob. `functions` are places in `code`.
pub fn encode(
    arch: Arch,
    features: u64,
    plan: [u8; 32],
    functions: &[u32],
    code: &[u8],
) -> Result<Vec<u8>, std::num::TryFromIntError> {
    let start = (HEADER + 4 * functions.len()).next_multiple_of(ALIGN);
    let mut bytes = Vec::with_capacity(start + code.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend((arch as u32).to_le_bytes());
    bytes.extend(features.to_le_bytes());
    bytes.extend(plan);
    for number in [functions.len(), start, code.len()] {
        bytes.extend(u32::try_from(number)?.to_le_bytes());
    }
    let base = u32::try_from(start)?;
    functions.iter().for_each(|at| bytes.extend((base.saturating_add(*at)).to_le_bytes()));
    bytes.resize(start, 0);
    bytes.extend(code);
    let sum = xxh3_64(&bytes[CHECKSUM.end..]);
    bytes[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    Ok(bytes)
}

/// Reads what a blob says of itself and holds it against its checksum: any bytes give a header whose places lie within the blob,
/// or an error, a sentence.
pub fn decode(bytes: &[u8]) -> Result<Header, String> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or("this is no machine code of ours")?;
    let mut take = |count: usize| {
        let (head, tail) = rest.split_at_checked(count).ok_or("the machine code is cut off")?;
        rest = tail;
        Ok::<_, String>(head)
    };
    let version = number(take(4)?);
    if version != VERSION {
        return Err(format!("the machine code has version {version}, this runtime runs version {VERSION}"));
    }
    if *take(8)? != xxh3_64(bytes.get(CHECKSUM.end..).unwrap_or_default()).to_le_bytes() {
        return Err("the machine code is not what was built: its checksum differs".into());
    }
    let arch = match number(take(4)?) {
        1 => Arch::X86_64,
        2 => Arch::Aarch64,
        other => return Err(format!("the machine code is for processor {other}, which is not known")),
    };
    let features = u64::from(number(take(4)?)) | u64::from(number(take(4)?)) << 32;
    let plan = <[u8; 32]>::try_from(take(32)?).map_err(|e| e.to_string())?;
    let [count, start, length] = [number(take(4)?), number(take(4)?), number(take(4)?)].map(|n| n as usize);
    let table = take(count.checked_mul(4).ok_or("the machine code is broken")?)?;
    let functions: Vec<u32> = table.chunks_exact(4).map(number).collect();
    let code = start..start.checked_add(length).ok_or("the machine code is broken")?;
    let inside = start >= HEADER + table.len() && start.is_multiple_of(ALIGN) && code.end == bytes.len();
    if !inside || !functions.iter().all(|at| code.contains(&(*at as usize)) && (*at as usize).is_multiple_of(ALIGN)) {
        return Err("the machine code is broken: a function lies outside of it".into());
    }
    Ok(Header { arch, features, plan, functions, code })
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |n, byte| n << 8 | u32::from(*byte))
}
