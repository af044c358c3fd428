//! A bundle as a zip, as Lambda takes it.

use crate::error::io_error;
use crate::{Contents, Error, check_names, replace};
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

/// Part of the zip's bytes, so it is the same for ever. The densest level takes four times as long for a percent.
const LEVEL: i64 = 6;

/// Writes the bundle as the zip file `out`, whose parents are made, and gives its size in bytes. A zip that stands there is
/// replaced; anything else is an [`Error::NotABundle`].
pub fn zip(out: &Path, contents: &Contents) -> Result<u64, Error> {
    check_names(contents)?;
    refuse_other(out)?;
    let parent = replace::parent(out)?;
    let temporary =
        tempfile::Builder::new().prefix(".mulc-").tempfile_in(&parent).map_err(io_error("make a file in", &parent))?;
    let packed = pack(contents).map_err(|error| Error::Zip { path: out.into(), reason: error.to_string() })?;
    let mut file = temporary.as_file();
    file.write_all(&packed).map_err(io_error("write", out))?;
    file.set_permissions(fs::Permissions::from_mode(0o644)).map_err(io_error("set the mode of", out))?;
    file.sync_all().map_err(io_error("write", out))?;
    temporary.persist(out).map_err(|error| io_error("put in place", out)(error.error))?;
    replace::sync(&parent)?;
    Ok(packed.len() as u64)
}

/// The bytes of the zip that [`zip`] writes.
pub fn packed(contents: &Contents) -> Result<Vec<u8>, Error> {
    check_names(contents)?;
    pack(contents).map_err(|error| Error::Zip { path: "the zip".into(), reason: error.to_string() })
}

/// In memory, where writing does not fail: a writer that cannot end its zip would say so on stderr by itself.
fn pack(contents: &Contents) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, file) in contents {
        let options = SimpleFileOptions::default()
            // 1980-01-01, the earliest that a zip can say.
            .last_modified_time(DateTime::default())
            .unix_permissions(file.mode())
            .large_file(file.bytes.len() as u64 >= u64::from(u32::MAX));
        let options = if file.compress {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(LEVEL))
        } else {
            options.compression_method(CompressionMethod::Stored)
        };
        writer.start_file(name.as_str(), options)?;
        writer.write_all(&file.bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn refuse_other(out: &Path) -> Result<(), Error> {
    let Ok(meta) = fs::metadata(out) else { return Ok(()) };
    let mut start = [0; 4];
    let is_zip = meta.is_file()
        && fs::File::open(out).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && matches!(&start, b"PK\x03\x04" | b"PK\x05\x06");
    if is_zip { Ok(()) } else { Err(Error::NotABundle { path: out.into() }) }
}
