//! Why a program cannot be lowered.

use mu_base::Diagnostic;
use std::fmt;

/// The program is wrong, or the compiler is.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// Something the program's author can mend.
    Wrong(Box<Diagnostic>),
    /// A fault of the compiler, with all that is needed to find it.
    Internal(String),
}

impl Error {
    pub(crate) fn internal(text: impl Into<String>) -> Error {
        Error::Internal(text.into())
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Error {
        Error::Wrong(Box::new(diagnostic))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Wrong(diagnostic) => write!(f, "{}", diagnostic.message),
            Error::Internal(text) => write!(f, "internal error: {text}"),
        }
    }
}
