//! `mulc models outdated`: what was measured and should be measured again.

use super::Session;
use super::figures::{count, table};
use crate::failure::Failure;
use mu_models::{Outdated, outdated};
use std::process::ExitCode;

pub fn run(session: &Session) -> Result<ExitCode, Failure> {
    session.answer(&outdated(&session.catalog())?, text)
}

fn text(outdated: &Outdated) -> String {
    if outdated.stale.is_empty() {
        return format!("all that was measured is of today's files and of `{}`\n", outdated.runtime);
    }
    let mut rows = table(&["model", "what", "why", "of", "again by"]);
    for stale in &outdated.stale {
        let date = stale.date.clone().unwrap_or_default();
        rows.add_row([stale.model.clone(), stale.what.clone(), stale.why.clone(), date, stale.again.clone()]);
    }
    format!("{rows}\n{} should be measured again\n", count(outdated.stale.len(), "figure"))
}
