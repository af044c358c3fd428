//! Reads ONNX files for the compiler: names, types, shapes, operators and sizes, never the weights.
//!
//! A file is not trusted. It is walked once under [`Limits`] before anything is copied out of it, so that the memory used is
//! bounded by what the file really holds, and every fault is an [`Error`] that says what the file is instead.
//! Nothing here runs a model, and nothing here opens a file. What rewrites models is [`edit`].

pub mod edit;
mod error;
mod model;
mod operators;
mod proto;
mod read;
mod sniff;
mod wire;

pub use error::Error;
pub use model::{Dim, Dtype, External, Model, Port};
pub use operators::{RUNTIME, runs, unsupported};
pub use read::read;

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What a file may ask for. All counts are of the whole file, subgraphs included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Nodes of all graphs.
    pub nodes: u64,
    /// Everything else that takes memory here: names, attributes, tensors, dimensions.
    pub entries: u64,
    /// Graphs within graphs: bodies of `If`, `Loop` and `Scan`.
    pub depth: u32,
    /// Elements of one tensor.
    pub elements: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 2 << 30, nodes: 200_000, entries: 1_000_000, depth: 8, elements: 1 << 36 }
    }
}

/// The sha256 of some bytes, as 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
