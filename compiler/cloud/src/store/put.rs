//! Blobs on their way to the store: whole where they are small, else in parts. A blob that is there is never overwritten.

use super::{Store, Written, blob_name, checksum};
use crate::error::{Error, failed};
use aws_sdk_s3::types::ChecksumMode;
use std::fs;
use std::path::Path;

/// What the store says of a blob.
struct Stored {
    size: u64,
    /// Of the whole; `None` where the store gives none, or one over parts.
    checksum: Option<String>,
}

impl Store<'_> {
    /// Brings a file to the store under its hash, unless it is there. Gives the bytes that were sent.
    pub async fn put_blob(&self, path: &Path, sha256: &str, size: u64) -> Result<u64, Error> {
        if self.has_blob(sha256, size).await? {
            return Ok(0);
        }
        if size > self.limits.whole {
            return self.put_parts(path, sha256, size).await;
        }
        let bytes = fs::read(path).map_err(Error::disk("read", path))?;
        if crate::catalog::hash_of(&bytes) != sha256 {
            return Err(changed(path));
        }
        match self.put_new(&blob_name(sha256), &bytes).await? {
            Written::Done => Ok(size),
            // Somebody was first, or the answer to an earlier attempt was lost.
            Written::Refused => self.has_blob(sha256, size).await.map(|_| 0),
        }
    }

    /// Whether the blob is there and is what its name says, as far as the store tells.
    pub async fn has_blob(&self, sha256: &str, size: u64) -> Result<bool, Error> {
        match self.stored(sha256).await? {
            None => Ok(false),
            // What came in parts was verified part by part.
            Some(Stored { size: found, checksum: sum })
                if found == size && sum.as_ref().is_none_or(|sum| *sum == checksum(sha256)) =>
            {
                Ok(true)
            }
            Some(_) => Err(Error::request(
                format!("`{}/{}` holds something else than its name says", self.address, blob_name(sha256)),
                "it is not overwritten: look who wrote it, remove it, and push again",
            )),
        }
    }

    async fn stored(&self, sha256: &str) -> Result<Option<Stored>, Error> {
        let stored = self.patience.retry(async || {
            let head = self.client.head_object().bucket(&self.address.bucket).key(self.key(&blob_name(sha256)));
            let head = head.checksum_mode(ChecksumMode::Enabled);
            match head.send().await.map_err(|error| failed("look for a file", &self.whom, error)) {
                Ok(found) => {
                    let size = found.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
                    let in_parts = found.e_tag().is_some_and(|tag| tag.contains('-'));
                    let checksum = found.checksum_sha256().filter(|sum| !in_parts && !sum.contains('-'));
                    Ok(Some(Stored { size, checksum: checksum.map(str::to_owned) }))
                }
                Err(failed) if failed.status == 404 => Ok(None),
                Err(failed) => Err(failed),
            }
        });
        Ok(stored.await?)
    }
}

pub(super) fn changed(path: &Path) -> Error {
    let message = format!("`{}` changed while it was pushed", path.display());
    Error::request(message, "leave the catalog alone until it is pushed, and say it again")
}
