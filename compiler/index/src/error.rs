//! Why bytes are no index that can be used.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// They do not begin as an index does.
    NotAnIndex,
    /// It was written by a newer mulc.
    Newer { version: u32 },
    /// A checksum, a length or a number in it is wrong.
    Damaged { what: &'static str },
    /// It cannot be read; in the system's words.
    Unread(String),
    /// A catalog that an index cannot hold.
    TooLarge { what: &'static str },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotAnIndex => f.write_str("it is no index of a catalog"),
            Error::Newer { version } => {
                write!(f, "it has version {version}, newer than version {}", crate::layout::VERSION)
            }
            Error::Damaged { what } => write!(f, "it is damaged: {what}"),
            Error::Unread(text) => write!(f, "it cannot be read: {text}"),
            Error::TooLarge { what } => write!(f, "the catalog has too many {what} for an index"),
        }
    }
}

impl std::error::Error for Error {}
