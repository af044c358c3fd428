//! `mulc models verify`: each fault of a catalog by name; status 1 where there is one.

use super::Session;
use super::add::pythons;
use super::figures::count;
use crate::commands::wrong;
use crate::failure::Failure;
use crate::progress::{Bar, Progress};
use crate::today::today;
use mu_models::gate::Python;
use mu_models::gate::again::again_all;
use mu_models::{Found, Verified, verify};
use std::path::PathBuf;
use std::process::ExitCode;

/// `gate` is there where models are to be compared with onnxruntime, too: with the Python that was named.
pub fn run(session: &Session, gate: Option<Option<PathBuf>>) -> Result<ExitCode, Failure> {
    let catalog = session.catalog();
    let refused = match gate {
        None => Vec::new(),
        Some(named) => {
            let python = Python::find(&pythons(named)).ok_or_else(|| {
                Failure::request("no Python with onnxruntime was found")
                    .help("`pip install onnxruntime`, and name that Python by `--python` or MULC_PYTHON")
            })?;
            again_all(&catalog, &python, &today(), &mut Bar::default())?
        }
    };
    let progress = Progress::start("reading the catalog");
    let mut verified = verify(&catalog)?;
    drop(progress);
    verified.faults.extend(refused);
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
