//! Cases on the disk: snapshots, and copies of projects with something changed.

use crate::{below_root, files_below, made, name};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

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

/// Copies a project so that its `src/main.mu` can differ, to a folder as deep below the root as the project is: relative
/// paths that leave it lead to the same files. All else is linked.
pub fn copy(project: &Path, suffix: &str, main: &[u8]) -> PathBuf {
    let place = PathBuf::from(below_root(project));
    let mut copy = made();
    let parts: Vec<_> = place.components().skip(1).collect();
    for part in &parts[..parts.len() - 1] {
        copy.push(part);
    }
    copy.push(format!("{}~{suffix}", name(project)));
    lay(&copy, &[("src/main.mu".into(), main.to_vec())]);
    for path in files_below(project) {
        let inside = path.strip_prefix(project).unwrap();
        let target = copy.join(inside);
        if !target.exists() && name(&path) != "mu.lock" {
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            symlink(path.canonicalize().unwrap(), target).unwrap();
        }
    }
    copy
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
