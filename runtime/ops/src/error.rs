//! Why an operation did not give a value.

use std::fmt;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The values are at fault: a picture that is none, an overflow, a list that is too long.
    BadInput,
    /// The plan is at fault: it would not have passed the verifier.
    Internal,
}

/// A message in lower case without a full stop, and whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpError {
    pub kind: ErrorKind,
    pub message: String,
}

impl OpError {
    pub fn bad(message: impl Into<String>) -> OpError {
        OpError { kind: ErrorKind::BadInput, message: message.into() }
    }

    pub fn internal(message: impl Into<String>) -> OpError {
        OpError { kind: ErrorKind::Internal, message: message.into() }
    }
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for OpError {}

pub type Outcome<T> = Result<T, OpError>;
