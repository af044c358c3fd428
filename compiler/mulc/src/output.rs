//! The two streams: answers go to stdout, all else to stderr. A reader that has gone away (`mulc explain | head`) is no error.

use std::env;
use std::io::{self, IsTerminal, Write};

/// An answer, as it is.
pub fn answer(text: &str) {
    // Nobody is left to tell where this fails.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Words beside the answer, as they are.
pub fn aside(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A line on stderr that says why there is no answer.
pub fn error(text: &str) {
    aside(&format!("{text}\n"));
}

/// Whether stderr takes colours: a terminal, and `NO_COLOR` is not set to anything (<https://no-color.org>).
pub fn colours() -> bool {
    is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether people watch stderr.
pub fn is_terminal() -> bool {
    io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
