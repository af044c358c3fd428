//! Why a command on a catalog failed.

use mu_base::WorldError;
use std::fmt;

/// Whose it is to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request, the model, the data set or the catalog is wrong.
    Wrong,
    /// The outside world failed: disk, network, another program.
    Outside,
}

/// One sentence on what is wrong, and a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub help: Option<String>,
}

impl Error {
    pub fn wrong(message: impl Into<String>) -> Error {
        Error { kind: Kind::Wrong, message: message.into(), help: None }
    }

    pub fn outside(message: impl Into<String>) -> Error {
        Error { kind: Kind::Outside, message: message.into(), help: None }
    }

    pub fn help(self, help: impl Into<String>) -> Error {
        Error { help: Some(help.into()), ..self }
    }

    /// A file of the project that cannot be read.
    pub fn unread(path: &str, error: &WorldError) -> Error {
        match error {
            WorldError::NotFound | WorldError::TooLarge { .. } => {
                Error::wrong(format!("`{path}` cannot be read: {error}"))
            }
            WorldError::Other(_) => Error::outside(format!("`{path}` cannot be read: {error}")),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
