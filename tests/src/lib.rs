//! What the tests of the whole share: the tools under test, the pinned things from PyPI, cases on the disk.

pub mod answer;
pub mod blocks;
pub mod cases;
pub mod diagnostics;
pub mod emulator;
pub mod models;
pub mod moto;
pub mod proxy;
pub mod python;
pub mod tools;

use std::fs;
use std::path::{Path, PathBuf};

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where tests put what they make. Not cargo's target directory, which may be elsewhere: projects name it by relative paths.
pub fn made() -> PathBuf {
    root().join("target")
}

/// All files below a folder, in byte order; hidden ones are left out.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}

/// What stands in a folder, in byte order; hidden entries are left out. Nothing where there is no such folder.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    paths
}

/// The last part of a path.
pub fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("")
}

/// The last part of a path without its extension.
pub fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|name| name.to_str()).unwrap_or("")
}

/// A path below the root, for the names of tests.
pub fn below_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// Holds the lock `name` until dropped: several test processes run at once.
pub fn lock(name: &str) -> fs::File {
    let folder = made().join("locks");
    fs::create_dir_all(&folder).unwrap();
    let file = fs::File::create(folder.join(name)).unwrap();
    file.lock().unwrap();
    file
}

/// Takes the place of a hand-written list of cases: fails where a folder that should hold some holds none.
pub fn some<T>(cases: Vec<T>, what: &str) -> Vec<T> {
    assert!(!cases.is_empty(), "there are no {what}");
    cases
}
