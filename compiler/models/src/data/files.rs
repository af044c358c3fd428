//! Reading files that a data set names.

use crate::error::Error;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 30;

/// A whole regular file.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let shown = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::wrong(format!("there is no file `{shown}`")),
        _ => Error::outside(format!("`{shown}` cannot be read: {error}")),
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if !meta.is_file() {
        return Err(Error::wrong(format!("`{shown}` is not a regular file")));
    }
    if meta.len() > LARGEST {
        return Err(Error::wrong(format!("`{shown}` has {} bytes, more than the {LARGEST} that are read", meta.len())));
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}
