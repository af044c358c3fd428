//! Files on the disk: hashed in a stream, and put in place whole or not at all.

use crate::catalog::hash_of;
use crate::catalog::manifest::hex;
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

/// The sha256 and the size of a file; `None` where there is none.
pub(crate) fn hash(path: &Path) -> Result<Option<(String, u64)>, Error> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::disk("read", path)(error)),
    };
    let is_file = file.metadata().is_ok_and(|meta| meta.is_file());
    if !is_file {
        let message = format!("`{}` is no file", path.display());
        return Err(Error::request(message, "remove what stands there"));
    }
    let (mut digest, mut size) = (Sha256::new(), 0);
    feed(&mut file, &mut digest, &mut size).map_err(Error::disk("read", path))?;
    Ok(Some((hex(&digest.finalize()), size)))
}

/// Hashes the rest of a file.
pub(crate) fn feed(file: &mut File, digest: &mut Sha256, size: &mut u64) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(()),
            read => {
                digest.update(&chunk[..read]);
                *size += read as u64;
            }
        }
    }
}

/// Writes a small file in one step.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let beside = beside(path, &format!("new-{}", hash_of(path.as_os_str().as_encoded_bytes())));
    make_parent(path)?;
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Error::disk("write", path))?;
    into_place(&beside, path)
}

/// A hidden name in the same folder, on the same file system; the same for the same word, so that what was begun can be gone
/// on with.
pub(crate) fn beside(path: &Path, word: &str) -> PathBuf {
    path.with_file_name(format!(".mulc-{word}"))
}

pub(crate) fn make_parent(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::disk("make the folder", parent)),
        None => Ok(()),
    }
}

/// Gives a file, which was brought to the disk, its name.
pub(crate) fn into_place(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::disk("put in place", to))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(Error::disk("write", parent))
}
