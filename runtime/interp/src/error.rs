//! Why a call gave no value.

use std::fmt;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller: an argument is not what the function takes, or leads to a value that an operation refuses.
    BadInput,
    /// The call took more than its [`crate::Limits`] allow.
    OutOfFuel,
    /// A model did not run.
    Engine,
    /// Nobody outside: the program should not have passed the verifier.
    Internal,
}

/// An error and where it came up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// In lower case, without a full stop.
    pub message: String,
    /// The function's name; empty where none had started.
    pub function: String,
    /// In the IR's text form; empty where no instruction had started.
    pub instruction: String,
}

impl Error {
    pub(crate) fn outside(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), function: String::new(), instruction: String::new() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.function.is_empty() {
            write!(f, " (in `{}`", self.function)?;
            if !self.instruction.is_empty() {
                write!(f, ", at `{}`", self.instruction)?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
