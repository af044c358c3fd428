//! The two streams: answers go to stdout, all else to stderr. A reader that has gone away (`mulc explain | head`) is no error.

use crate::failure::Failure;
use comfy_table::{ContentArrangement, Table, TableComponent, presets};
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// An answer, as it is.
pub fn answer(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| Failure::outside(format!("cannot write the answer: {error}"))),
    }
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

/// An empty table with a head; as wide as the terminal where there is one.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_style(TableComponent::HeaderLines, '─');
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head);
    table
}
