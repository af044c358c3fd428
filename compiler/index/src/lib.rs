//! The index of a catalog: what its cards and its evidence say, in columns, so that a million cards are opened and filtered
//! without parsing one.
//!
//! An index is derived: it is made from cards and evidence, says of which files (path, size, sha256), and can be thrown away.
//! The same catalog gives the same bytes. Nothing here knows the language, and nothing here but [`Bytes`] for a file reads one.
//!
//! ```text
//! header   64 bytes: magic, version, lengths, checksums of the header and of the table of blocks
//! blocks   a CRC-32 for each 64 KiB of the payload, so that what is read is checked and nothing else is touched
//! payload  sections, each an array of little-endian numbers or of bytes; the last one is the directory of all others
//! ```
//!
//! The directory groups the cards by task. Within a group they stand by name in byte order, and every trait that a card of the
//! group has is a column of `f64`, a NaN where it is unknown.

mod error;
mod layout;
mod query;
mod read;
mod write;

pub use error::Error;
pub use layout::{Aspect, Basis, DataSet, Key, Measure};
pub use query::{Goal, Operand, Query, Require};
pub use read::{Bytes, Card, FileRow, Group, Index};
pub use write::{CardEntry, Content, FileEntry, build};

/// Where the index of a project lies, from its folder.
pub const PATH: &str = "models/index.mui";
