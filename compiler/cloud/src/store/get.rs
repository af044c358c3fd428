//! Blobs on their way from the store: into a hidden file beside their place, verified, brought to the disk. What arrived
//! before the line was cut is gone on with.

use super::{Store, blob_name};
use crate::catalog::manifest::hex;
use crate::error::{Error, Failed, failed};
use crate::files::{feed, make_parent};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::Path;

impl Store<'_> {
    /// Brings a blob into the file `part`, which then holds exactly what its hash says. `size` may be unknown. Gives the bytes
    /// that were sent.
    pub async fn get_blob(&self, sha256: &str, size: Option<u64>, part: &Path) -> Result<u64, Error> {
        make_parent(part)?;
        let mut file = open(part)?;
        let got = self.patience.retry(async || self.go_on(sha256, size, part, &mut file).await);
        let got = got.await.map_err(Error::from).and_then(|sent| {
            file.sync_all().map_err(Error::disk("write into", folder(part)))?;
            Ok(sent)
        });
        if let Err(error) = &got
            && (error.help.contains("make room") || !file.metadata().is_ok_and(|meta| meta.len() > 0))
        {
            // A part on a full disk is in the way of everybody; an empty one is of no use.
            let _ = fs::remove_file(part);
        }
        got
    }

    /// One attempt, from where the file ends.
    async fn go_on(&self, sha256: &str, size: Option<u64>, part: &Path, file: &mut File) -> Result<u64, Failed> {
        let disk = |error: io::Error| Failed::from(Error::disk("write into", folder(part))(error));
        let (mut digest, mut have) = (Sha256::new(), 0);
        file.rewind().map_err(disk)?;
        feed(file, &mut digest, &mut have).map_err(disk)?;
        if size == Some(have) && hex(&digest.clone().finalize()) == sha256 {
            return Ok(0);
        }
        if size.is_some_and(|size| have >= size) {
            empty(file).map_err(disk)?;
            (digest, have) = (Sha256::new(), 0);
        }
        let doing = "fetch a file";
        let get = self.client.get_object().bucket(&self.address.bucket).key(self.key(&blob_name(sha256)));
        let get = get.set_range((have > 0).then(|| format!("bytes={have}-")));
        let mut answer = match get.send().await.map_err(|error| failed(doing, &self.whom, error)) {
            Ok(answer) => answer,
            Err(failed) if failed.code == "NoSuchKey" => return Err(self.gone(sha256).into()),
            Err(failed) if failed.status == 416 => {
                empty(file).map_err(disk)?;
                return Err(self.cut(doing, &"it is shorter than what arrived"));
            }
            Err(failed) => return Err(failed),
        };
        if have > 0 && !goes_on_at(&answer, have) {
            // The store sends the whole.
            empty(file).map_err(disk)?;
            (digest, have) = (Sha256::new(), 0);
        }
        let most = size.unwrap_or(u64::MAX);
        let mut sent = 0;
        while let Some(chunk) = answer.body.next().await {
            let chunk = chunk.map_err(|error| self.cut(doing, &error))?;
            sent += chunk.len() as u64;
            if have + sent > most {
                let _ = empty(file);
                return Err(self.other(sha256).into());
            }
            digest.update(&chunk);
            file.write_all(&chunk).map_err(disk)?;
        }
        let whole = hex(&digest.finalize()) == sha256;
        let short = answer.content_length().is_some_and(|length| length as u64 != sent);
        match (whole, short || size.is_some_and(|size| have + sent < size)) {
            (true, _) => Ok(sent),
            (false, true) => Err(self.cut(doing, &"it is short")),
            (false, false) => {
                // What had arrived before may be what is wrong: once more from the start.
                empty(file).map_err(disk)?;
                match have {
                    0 => Err(self.other(sha256).into()),
                    _ => Err(self.cut(doing, &"what arrived earlier does not belong to it")),
                }
            }
        }
    }

    fn gone(&self, sha256: &str) -> Error {
        let message = format!("`{}/{}` is not there", self.address, blob_name(sha256));
        Error::outside(message, "push the model again from where its file is")
    }

    fn other(&self, sha256: &str) -> Error {
        let message = format!("`{}/{}` holds something else than its name says", self.address, blob_name(sha256));
        Error::request(message, "nothing was changed here: look who wrote it, remove it there, and push it again")
    }
}

fn goes_on_at(answer: &GetObjectOutput, have: u64) -> bool {
    answer.content_range().is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}

/// The file to go on with; another process that works on it is let finish first.
fn open(part: &Path) -> Result<File, Error> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(part);
    let file = file.map_err(Error::disk("make a file in", folder(part)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            let message = format!("another mulc is fetching into `{}`", folder(part).display());
            Err(Error::outside(message, "wait until it is done and say it again"))
        }
        Err(fs::TryLockError::Error(error)) => Err(Error::disk("lock a file in", folder(part))(error)),
    }
}

/// What messages name: the file itself is a hidden one.
fn folder(part: &Path) -> &Path {
    part.parent().unwrap_or(part)
}

fn empty(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()
}
