//! A bundle as a folder.

use crate::error::io_error;
use crate::{Contents, Error, MARK, check_names, replace};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Writes the bundle as the folder `out`, whose parents are made. A bundle that stands there is replaced, an empty folder
/// too; anything else is an [`Error::NotABundle`].
pub fn folder(out: &Path, contents: &Contents) -> Result<(), Error> {
    check_names(contents)?;
    refuse_other(out)?;
    let parent = replace::parent(out)?;
    let temporary =
        tempfile::Builder::new().prefix(".mulc-").tempdir_in(&parent).map_err(io_error("make a folder in", &parent))?;
    for (name, file) in contents {
        write_file(&temporary.path().join(name), &file.bytes, file.mode())?;
    }
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755))
        .map_err(io_error("set the mode of", temporary.path()))?;
    sync_folders(temporary.path())?;
    // From here on `out` is the new bundle; what the temporary name then holds is the old one, removed on drop.
    replace::into_place(temporary.path(), out)?;
    replace::sync(&parent)
}

fn refuse_other(out: &Path) -> Result<(), Error> {
    let Ok(meta) = fs::symlink_metadata(out) else { return Ok(()) };
    let other = Err(Error::NotABundle { path: out.into() });
    if !meta.is_dir() {
        return other;
    }
    let empty = fs::read_dir(out).map_err(io_error("read", out))?.next().is_none();
    if empty || out.join(MARK).is_file() { Ok(()) } else { other }
}

fn write_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io_error("make the folder", folder))?;
    }
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(io_error("create", path))?;
    file.write_all(bytes).map_err(io_error("write", path))?;
    // The mode at creation is narrowed by the umask; the bundle's is the same everywhere.
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(io_error("set the mode of", path))?;
    file.sync_all().map_err(io_error("write", path))
}

fn sync_folders(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(io_error("read", folder))? {
        let path = entry.map_err(io_error("read", folder))?.path();
        if path.is_dir() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
                .map_err(io_error("set the mode of", &path))?;
            sync_folders(&path)?;
        }
    }
    replace::sync(folder)
}
