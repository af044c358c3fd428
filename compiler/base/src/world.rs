//! The one door to the outside: files come through it, so that tests and editors can bring their own.

use std::fmt;

/// Why a path could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldError {
    NotFound,
    /// Larger than the reader allows, in bytes.
    TooLarge {
        size: u64,
        limit: u64,
    },
    /// The operating system's words.
    Other(String),
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorldError::NotFound => write!(f, "there is no such file"),
            WorldError::TooLarge { size, limit } => {
                write!(f, "it has {size} bytes, more than the {limit} that are read")
            }
            WorldError::Other(text) => write!(f, "{text}"),
        }
    }
}

/// Files, by paths relative to the project's folder, with `/`.
pub trait World {
    /// The whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError>;
    /// The files below a folder, at any depth, in byte order; empty where there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;
    /// The file's size in bytes, without reading it.
    fn size(&self, path: &str) -> Result<u64, WorldError>;
}
