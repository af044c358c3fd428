//! The disk as the compiler's [`World`]: files below a project's folder, read under a limit.
//!
//! Symbolic links are followed, also out of the project: reading what the user can read anyway needs no guard, and catalogs
//! are often linked. Devices and pipes are refused, since reading one may never end.

use mu_base::{World, WorldError};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes: 4 GiB, far more than a package of Lambda can hold.
const LARGEST: u64 = 4 << 30;
/// Folders nested deeper are not listed.
const DEEPEST: usize = 32;
/// Files beyond this number are not listed.
const MOST_FILES: usize = 1_000_000;

/// A project's folder on the disk.
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    pub fn new(root: impl Into<PathBuf>) -> Disk {
        Disk { root: root.into() }
    }

    /// The regular file's size in bytes.
    fn regular(&self, path: &str) -> Result<(PathBuf, u64), WorldError> {
        let full = self.root.join(path);
        let meta = fs::metadata(&full).map_err(world_error)?;
        if meta.is_dir() {
            return Err(WorldError::Other("it is a folder".into()));
        }
        if !meta.is_file() {
            return Err(WorldError::Other("it is not a regular file".into()));
        }
        Ok((full, meta.len()))
    }
}

fn world_error(error: io::Error) -> WorldError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => WorldError::NotFound,
        ErrorKind::InvalidInput => WorldError::Other("its name cannot be a file's".into()),
        _ => WorldError::Other(error.to_string()),
    }
}

impl World for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        let (full, size) = self.regular(path)?;
        if size > LARGEST {
            return Err(WorldError::TooLarge { size, limit: LARGEST });
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read.
        let file = fs::File::open(full).map_err(world_error)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(world_error)?;
        match bytes.len() as u64 {
            size if size > LARGEST => Err(WorldError::TooLarge { size, limit: LARGEST }),
            _ => Ok(bytes),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let start = self.root.join(folder);
        let prefix = if folder.is_empty() || folder.ends_with('/') { folder.to_owned() } else { format!("{folder}/") };
        walk(&start, &prefix, 0, &mut seen, &mut found);
        found.sort_unstable();
        found
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        self.regular(path).map(|(_, size)| size)
    }
}

/// Hidden entries and names that are not UTF-8 are left out; a folder that links lead to twice is listed once.
fn walk(folder: &Path, prefix: &str, depth: usize, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<String>) {
    let Ok(real) = folder.canonicalize() else { return };
    if depth > DEEPEST || !seen.insert(real) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        let path = folder.join(&name);
        if path.is_dir() {
            walk(&path, &format!("{prefix}{name}/"), depth + 1, seen, found);
        } else if found.len() < MOST_FILES {
            found.push(format!("{prefix}{name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_listed_in_byte_order_at_any_depth_once() {
        let place = tempfile::tempdir().unwrap();
        for file in ["src/b.mu", "src/a/x.mu", "src/a.mu", "src/.hidden", "other"] {
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        symlink("..", place.path().join("src/a/loop")).unwrap();
        let disk = Disk::new(place.path());
        assert_eq!(disk.list("src"), ["src/a.mu", "src/a/x.mu", "src/b.mu"]);
        assert_eq!(disk.list("src/"), disk.list("src"));
        assert_eq!(disk.list("none"), [""; 0]);
        assert_eq!(disk.read("src/a.mu"), Ok(b"src/a.mu".to_vec()));
        assert_eq!(disk.size("other"), Ok(5));
    }

    #[test]
    fn what_is_no_file_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        symlink("/dev/zero", place.path().join("endless")).unwrap();
        let disk = Disk::new(place.path());
        assert_eq!(disk.read("gone"), Err(WorldError::NotFound));
        assert_eq!(disk.read("gone/er"), Err(WorldError::NotFound));
        assert_eq!(disk.read(""), Err(WorldError::Other("it is a folder".into())));
        assert_eq!(disk.read("endless"), Err(WorldError::Other("it is not a regular file".into())));
        assert!(matches!(disk.read("nul\0"), Err(WorldError::Other(_))));
    }
}
