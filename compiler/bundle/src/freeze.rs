//! Models ready to be mapped: what the bundle's own runtime makes of them, at build time.

use crate::error::io_error;
use crate::{Contents, Error, folder};
use std::process::Command;

/// Why a bundle goes without frozen models: it starts as well, only later.
#[derive(Debug)]
pub struct NotFrozen(pub String);

/// The frozen models of a bundle that is not written yet, made by its `bootstrap` in a temporary folder.
pub fn freeze(contents: &Contents, bootstrap: &str) -> Result<Result<Vec<u8>, NotFrozen>, Error> {
    let place = std::env::temp_dir();
    let temporary =
        tempfile::Builder::new().prefix("mulc-freeze-").tempdir().map_err(io_error("make a folder in", &place))?;
    let (bundle, out) = (temporary.path().join("bundle"), temporary.path().join("frozen"));
    folder(&bundle, contents)?;
    let mut command = Command::new(bundle.join(bootstrap));
    command.arg("--bundle").arg(&bundle).args(["freeze", "--out"]).arg(&out);
    let output = match command.output() {
        Ok(output) => output,
        // A runtime for another processor, for example.
        Err(error) => return Ok(Err(NotFrozen(format!("the runtime does not run on this machine ({error})")))),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("error: ");
        let why = if said.is_empty() { format!("the runtime was ended: {}", output.status) } else { said.to_string() };
        return Ok(Err(NotFrozen(why)));
    }
    std::fs::read(&out).map(Ok).map_err(io_error("read", &out))
}
