//! Cases on the disk: snapshots, and copies of projects with something changed.

use crate::{below_root, entries, files_below, lock, made, name, root};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The most of a source that a snapshot shows, in bytes.
const SHOWN: usize = 6000;

/// Holds source and message against `<folder>/<name>.snap`.
pub fn snapshot(folder: &Path, name: &str, sources: &[(String, Vec<u8>)], message: &str) {
    let mut text = String::new();
    for (path, bytes) in sources {
        let source = String::from_utf8_lossy(bytes);
        let end = source.floor_char_boundary(SHOWN);
        let rest = if end < source.len() { "\n(and so on)" } else { "" };
        text.push_str(&format!("SOURCE {path}\n{}{rest}\n", source[..end].trim_end()));
    }
    text.push_str(&format!("\nMESSAGE\n{}", message.trim_end()));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Copies a project so that its `src/main.mu` can differ and commands can write beside it. All else in it is linked, and it
/// stands in the [`shadow`], so that relative paths which leave it lead to the same files.
pub fn copy(project: &Path, suffix: &str, main: &[u8]) -> PathBuf {
    let copy = shadow().join(below_root(project)).with_file_name(format!("{}~{suffix}", name(project)));
    lay(&copy, &[("src/main.mu".into(), main.to_vec())]);
    for path in files_below(project) {
        let target = copy.join(path.strip_prefix(project).unwrap());
        if !target.exists() {
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            symlink(path.canonicalize().unwrap(), target).unwrap();
        }
    }
    copy
}

/// A folder that looks like the project's root: those folders that hold cases are real, so that copies can stand in them;
/// everything else is a link.
pub fn shadow() -> &'static Path {
    static SHADOW: OnceLock<PathBuf> = OnceLock::new();
    SHADOW.get_or_init(|| {
        let _guard = lock("shadow");
        let shadow = made().join("shadow");
        let mut real = ["", "examples", "tests", "tests/run", "tests/spec", "tests/ui"].map(PathBuf::from).to_vec();
        real.extend(entries(&root().join("tests/ui")).iter().map(|code| PathBuf::from(below_root(code))));
        for folder in &real {
            let place = shadow.join(folder);
            fs::create_dir_all(&place).unwrap();
            for path in entries(&root().join(folder)) {
                let link = place.join(name(&path));
                let is_real = real.contains(&PathBuf::from(below_root(&path)));
                if !is_real && fs::symlink_metadata(&link).is_err() {
                    symlink(path.canonicalize().unwrap(), link).unwrap();
                }
            }
        }
        shadow
    })
}

/// Makes the folder anew with these files.
pub fn lay(folder: &Path, files: &[(String, Vec<u8>)]) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
