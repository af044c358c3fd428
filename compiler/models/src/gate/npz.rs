//! Reads NumPy's `.npz` files: zips of arrays.

use crate::error::Error;
use mu_format::npy;
use mu_format::tensor::Tensor;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// The most bytes that the arrays of a file may take.
const LARGEST: u64 = 1 << 30;
/// The most arrays in a file.
const MOST: usize = 10_000;

/// The arrays of a file by name. The error names the array that is wrong.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, Error> {
    let wrong = |why: String| Error::wrong(format!("the `.npz` file cannot be read: {why}"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(error.to_string()))?;
    if archive.len() > MOST {
        return Err(wrong(format!("it has {} arrays, more than {MOST}", archive.len())));
    }
    let mut arrays = BTreeMap::new();
    let mut left = LARGEST;
    for i in 0..archive.len() {
        let file = archive.by_index(i).map_err(|error| wrong(error.to_string()))?;
        let name = file.name().map_err(|error| wrong(error.to_string()))?.trim_end_matches(".npy").to_owned();
        let mut content = Vec::new();
        // What a header says of the size is no promise: never is more read than is left.
        file.take(left + 1).read_to_end(&mut content).map_err(|error| wrong(format!("`{name}`: {error}")))?;
        left =
            left.checked_sub(content.len() as u64).ok_or_else(|| wrong(format!("it has more than {LARGEST} bytes")))?;
        let tensor = npy::read(&content).map_err(|error| wrong(format!("`{name}`: {error}")))?;
        arrays.insert(name, tensor);
    }
    Ok(arrays)
}
