//! Putting what was written beside a path at that path, in one step.

use crate::error::{Error, io_error};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The folder in which `out` stands, made where it is missing.
pub(crate) fn parent(out: &Path) -> Result<PathBuf, Error> {
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(io_error("make the folder", parent))?;
    Ok(parent.into())
}

/// Gives `new` the name `out`. What stood at `out` then stands at `new`.
///
/// Where the file system cannot exchange two names, there is a moment without anything at `out`, never a half bundle.
pub(crate) fn into_place(new: &Path, out: &Path) -> Result<(), Error> {
    let failed = |error: Errno| io_error("put in place", out)(error.into());
    match renameat_with(CWD, new, CWD, out, RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(()),
        Err(Errno::EXIST) => {}
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return by_two_steps(new, out),
        Err(error) => return Err(failed(error)),
    }
    match renameat_with(CWD, new, CWD, out, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => by_two_steps(new, out),
        Err(error) => Err(failed(error)),
    }
}

fn by_two_steps(new: &Path, out: &Path) -> Result<(), Error> {
    let mut aside = new.as_os_str().to_owned();
    aside.push(".old");
    let aside = PathBuf::from(aside);
    let had_old = out.symlink_metadata().is_ok();
    if had_old {
        fs::rename(out, &aside).map_err(io_error("move aside", out))?;
    }
    if let Err(error) = fs::rename(new, out) {
        if had_old {
            // Best effort: the error below is what went wrong.
            let _ = fs::rename(&aside, out);
        }
        return Err(io_error("put in place", out)(error));
    }
    if had_old { fs::rename(&aside, new).map_err(io_error("move aside", &aside)) } else { Ok(()) }
}

/// A file in the folder that goes away unless it is put in place.
pub(crate) fn temporary_file(parent: &Path) -> Result<NamedTempFile, Error> {
    tempfile::Builder::new().prefix(".mulc-").tempfile_in(parent).map_err(io_error("make a file in", parent))
}

/// Brings the file to the disk and gives it the name `out` in `parent`.
pub(crate) fn file_into_place(file: NamedTempFile, out: &Path, parent: &Path) -> Result<(), Error> {
    let readable = fs::Permissions::from_mode(0o644);
    file.as_file().set_permissions(readable).map_err(io_error("set the mode of", out))?;
    file.as_file().sync_all().map_err(io_error("write", out))?;
    file.persist(out).map_err(|error| io_error("put in place", out)(error.error))?;
    sync(parent)
}

/// Brings a folder's entries to the disk.
pub(crate) fn sync(folder: &Path) -> Result<(), Error> {
    fs::File::open(folder).and_then(|dir| dir.sync_all()).map_err(io_error("write", folder))
}
