//! What a catalog is in a store: files by path and hash, and how two states of it become one.

pub(crate) mod manifest;
pub(crate) mod merge;
pub(crate) mod seen;

pub use manifest::{Entry, Manifest, Need, NeedKind, hash_of};
