//! The prebuilt runtime, `bootstrap`, that every bundle holds: found, never built, by `mulc`.

use crate::failure::Failure;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Names a runtime elsewhere.
const VARIABLE: &str = "MULC_BOOTSTRAP";

/// The runtime's bytes: the file that `MULC_BOOTSTRAP` names, else `bootstrap` beside the `mulc` executable.
pub fn read() -> Result<Vec<u8>, Failure> {
    let path = find()?;
    let failed =
        |error| Failure::outside(format!("cannot read the runtime `{}`: {error}", path.display())).help(help());
    let bytes = fs::read(&path).map_err(failed)?;
    match bytes.starts_with(b"\x7fELF") {
        true => Ok(bytes),
        false => Err(Failure::outside(format!("`{}` is no executable", path.display())).help(help())),
    }
}

fn find() -> Result<PathBuf, Failure> {
    if let Some(named) = env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let own = env::current_exe().map_err(|error| Failure::outside(format!("cannot find `mulc` itself: {error}")))?;
    let beside = own.canonicalize().unwrap_or(own).parent().unwrap_or(Path::new("/")).join("bootstrap");
    match beside.is_file() {
        true => Ok(beside),
        false => Err(Failure::outside(format!("the runtime `{}` is missing", beside.display())).help(help())),
    }
}

fn help() -> String {
    format!("build it with `cargo build --release -p mu-bootstrap`, or name one with {VARIABLE}")
}
