//! Writes bundles: a folder for this machine, a zip for Lambda.
//!
//! A bundle appears at its path whole or not at all: it is written beside the path, brought to the disk and then put in
//! place in one step; what stood there before stays until that step. The bytes depend on the contents alone.

mod error;
mod folder;
mod freeze;
mod replace;
mod zip_file;

pub use error::Error;
pub use folder::folder;
pub use freeze::{NotFrozen, freeze};
pub use zip_file::{packed, zip};

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The file that marks a folder as a bundle; only such a folder is replaced.
pub const MARK: &str = "bundle.json";

/// What a bundle holds: files by their path inside it (`bootstrap`, `models/<sha256>.onnx`), with `/`.
pub type Contents = BTreeMap<String, File>;

/// A file of a bundle.
#[derive(Debug, Clone)]
pub struct File {
    pub bytes: Arc<[u8]>,
    /// May be run as a program.
    pub executable: bool,
    /// Worth compressing in a zip; weights are not.
    pub compress: bool,
}

impl File {
    fn mode(&self) -> u32 {
        if self.executable { 0o755 } else { 0o644 }
    }
}

/// The size of all files together in bytes: what a bundle takes unpacked.
pub fn unpacked_size(contents: &Contents) -> u64 {
    contents.values().map(|file| file.bytes.len() as u64).sum()
}

/// Writes one file in place of what stands at `path`, in one step.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let parent = replace::parent(path)?;
    let mut temporary = replace::temporary_file(&parent)?;
    temporary.write_all(bytes).map_err(error::io_error("write", path))?;
    replace::file_into_place(temporary, path, &parent)
}

/// A name inside a bundle must stay inside it.
fn check_names(contents: &Contents) -> Result<(), Error> {
    let inside = |name: &str| !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    match contents.keys().find(|name| !inside(name)) {
        Some(name) => Err(Error::BadName { name: name.clone() }),
        None => Ok(()),
    }
}
