//! Why a command ended without doing what it was asked, where no diagnostic says so, and the exit status of that.

use std::fmt;
use std::process::ExitCode;

/// What went wrong, in a line, and one concrete thing to do.
#[derive(Debug)]
pub enum Failure {
    /// The program or the request is wrong: status 1.
    Request { message: String, help: Option<String> },
    /// Disk, network or a child process failed: status 3.
    Outside { message: String, help: Option<String> },
}

/// Diagnostics were printed, or a test failed.
pub const WRONG: u8 = 1;

impl Failure {
    pub fn request(message: impl Into<String>) -> Failure {
        Failure::Request { message: message.into(), help: None }
    }

    pub fn outside(message: impl Into<String>) -> Failure {
        Failure::Outside { message: message.into(), help: None }
    }

    pub fn help(mut self, text: impl Into<String>) -> Failure {
        let (Failure::Request { help, .. } | Failure::Outside { help, .. }) = &mut self;
        *help = Some(text.into());
        self
    }

    pub fn status(&self) -> ExitCode {
        match self {
            Failure::Request { .. } => ExitCode::from(WRONG),
            Failure::Outside { .. } => ExitCode::from(3),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Request { message, help } | Failure::Outside { message, help }) = self;
        write!(f, "error: {message}")?;
        match help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl From<mu_bundle::Error> for Failure {
    fn from(error: mu_bundle::Error) -> Failure {
        let failure = match &error {
            mu_bundle::Error::NotABundle { .. } => Failure::request(error.to_string()),
            _ => Failure::outside(error.to_string()),
        };
        failure.help(error.help())
    }
}
