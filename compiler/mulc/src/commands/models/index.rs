//! `mulc models index`: writes the catalog's index.

use super::Session;
use super::figures::count;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use mu_models::{Written, write_index};
use std::process::ExitCode;

pub fn run(session: &Session) -> Result<ExitCode, Failure> {
    let progress = Progress::start("indexing");
    let written = write_index(&session.catalog())?;
    drop(progress);
    for wrong in &written.left_out {
        output::aside(&format!("`{wrong}` is left out: its card has errors, which `mulc models verify` names\n"));
    }
    session.answer(&written, text)
}

fn text(written: &Written) -> String {
    format!("{}: {}, {} bytes\n", written.path, count(written.cards, "model"), written.bytes)
}
