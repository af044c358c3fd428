//! `mulc models verify`: each fault of a catalog by name; status 1 where there is one.

use super::Session;
use super::figures::count;
use crate::commands::wrong;
use crate::failure::Failure;
use crate::progress::Progress;
use mu_models::{Found, Verified, verify};
use std::process::ExitCode;

pub fn run(session: &Session) -> Result<ExitCode, Failure> {
    let progress = Progress::start("reading the catalog");
    let verified = verify(&session.catalog())?;
    drop(progress);
    let sound = verified.faults.is_empty();
    let status = session.answer(&verified, text)?;
    Ok(if sound { status } else { wrong() })
}

fn text(verified: &Verified) -> String {
    let line = |what: &str, found: &Found| format!("{what}: {}: {}\n", found.place, found.message);
    let notes: String = verified.notes.iter().map(|found| line("note", found)).collect();
    let faults: String = verified.faults.iter().map(|found| line("fault", found)).collect();
    let faulty = verified.faults.len();
    let end = if faulty == 0 { "no fault".to_owned() } else { count(faulty, "fault") };
    let (models, datasets) = (count(verified.models, "model"), count(verified.datasets, "data set"));
    format!("{notes}{faults}{models}, {datasets}, {end}\n")
}
