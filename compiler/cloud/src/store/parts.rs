//! Large blobs in parts. What an earlier attempt brought there is found and kept.

use super::{Store, blob_name, checksum};
use crate::catalog::hash_of;
use crate::error::{Error, failed};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The most parts that S3 takes, with some to spare.
const MOST_PARTS: u64 = 9_000;

/// A part of a file.
struct Part {
    /// From 1.
    number: i32,
    start: u64,
    size: u64,
}

impl Store<'_> {
    /// Sends a file in parts. Gives the bytes that were sent.
    pub(super) async fn put_parts(&self, path: &Path, sha256: &str, size: u64) -> Result<u64, Error> {
        let key = self.key(&blob_name(sha256));
        let file = File::open(path).map_err(Error::disk("read", path))?;
        // The parts are each verified on arrival, so the whole is what its name says only if the file still is.
        if crate::files::hash(path)?.is_none_or(|(found, _)| found != sha256) {
            return Err(super::put::changed(path));
        }
        let (upload, arrived) = match self.begun(&key).await? {
            Some(upload) => {
                let arrived = self.arrived(&key, &upload).await?;
                (upload, arrived)
            }
            None => (self.begin(&key).await?, BTreeMap::new()),
        };
        let parts = parts(size, self.limits.part);
        let sending = parts.iter().map(|part| self.put_part(&file, path, &key, &upload, part, &arrived));
        let mut done: Vec<(CompletedPart, u64)> =
            stream::iter(sending).buffer_unordered(self.limits.parallel.max(1)).try_collect().await?;
        done.sort_by_key(|(part, _)| part.part_number());
        let sent = done.iter().map(|(_, sent)| sent).sum();
        let whole = done.into_iter().map(|(part, _)| part).collect();
        self.complete(&key, &upload, whole, sha256, size).await?;
        Ok(sent)
    }

    /// An upload of this very key that was begun and not ended.
    async fn begun(&self, key: &str) -> Result<Option<String>, Error> {
        let found = self.patience.retry(async || {
            let list = self.client.list_multipart_uploads().bucket(&self.address.bucket).prefix(key);
            match list.send().await.map_err(|error| failed("look for what was begun", &self.whom, error)) {
                Ok(found) => Ok(found),
                Err(failed) => Err(failed),
            }
        });
        let found = match found.await {
            Ok(found) => found,
            // As for parts: then the upload starts anew.
            Err(failed) if matches!(failed.status, 200 | 403 | 501) => return Ok(None),
            Err(failed) => return Err(failed.into()),
        };
        let of_key = found.uploads().iter().filter(|upload| upload.key() == Some(key));
        Ok(of_key.filter_map(|upload| upload.upload_id()).next_back().map(str::to_owned))
    }

    /// The parts that arrived: size, checksum and tag by number. Only parts whose checksum the store tells are of use.
    async fn arrived(&self, key: &str, upload: &str) -> Result<BTreeMap<i32, (u64, String, String)>, Error> {
        let mut arrived = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.patience.retry(async || {
                let list = self.client.list_parts().bucket(&self.address.bucket).key(key).upload_id(upload);
                let list = list.set_part_number_marker(after.clone());
                list.send().await.map_err(|error| failed("look for what arrived", &self.whom, error))
            });
            let page = match page.await {
                Ok(page) => page,
                // Whoever may write need not be allowed to list, and not every store lists as S3 does: then all is sent.
                Err(failed) if matches!(failed.status, 200 | 403 | 501) => return Ok(arrived),
                Err(failed) => return Err(failed.into()),
            };
            for part in page.parts() {
                if let (Some(number), Some(size), Some(sum), Some(tag)) =
                    (part.part_number(), part.size(), part.checksum_sha256(), part.e_tag())
                {
                    arrived.insert(number, (size as u64, sum.to_owned(), tag.to_owned()));
                }
            }
            let next = page.next_part_number_marker().map(str::to_owned);
            if page.is_truncated() != Some(true) || next.is_none() || next == after {
                return Ok(arrived);
            }
            after = next;
        }
    }

    async fn begin(&self, key: &str) -> Result<String, Error> {
        let begun = self.patience.retry(async || {
            let create = self.client.create_multipart_upload().bucket(&self.address.bucket).key(key);
            let create = create.checksum_algorithm(ChecksumAlgorithm::Sha256);
            create.send().await.map_err(|error| failed("begin a file", &self.whom, error))
        });
        let id = begun.await?.upload_id;
        id.ok_or_else(|| Error::outside(format!("{} begins no upload", self.whom), "is it a store of files?"))
    }

    /// Sends a part, unless it arrived before.
    async fn put_part(
        &self,
        file: &File,
        path: &Path,
        key: &str,
        upload: &str,
        part: &Part,
        arrived: &BTreeMap<i32, (u64, String, String)>,
    ) -> Result<(CompletedPart, u64), Error> {
        let mut bytes = vec![0; part.size as usize];
        file.read_exact_at(&mut bytes, part.start).map_err(Error::disk("read", path))?;
        let sum = checksum(&hash_of(&bytes));
        let completed = |tag: &str| {
            let completed = CompletedPart::builder().part_number(part.number).e_tag(tag);
            completed.checksum_sha256(&sum).build()
        };
        if let Some((size, found, tag)) = arrived.get(&part.number)
            && (*size, found) == (part.size, &sum)
        {
            return Ok((completed(tag), 0));
        }
        let sent = self.patience.retry(async || {
            let put = self.client.upload_part().bucket(&self.address.bucket).key(key).upload_id(upload);
            let put = put.part_number(part.number).checksum_sha256(&sum).body(ByteStream::from(bytes.clone()));
            put.send().await.map_err(|error| failed("store a part of a file", &self.whom, error))
        });
        Ok((completed(sent.await?.e_tag().unwrap_or_default()), part.size))
    }

    /// Makes one object of the parts.
    async fn complete(
        &self,
        key: &str,
        upload: &str,
        parts: Vec<CompletedPart>,
        sha256: &str,
        size: u64,
    ) -> Result<(), Error> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let done = self.patience.retry(async || {
            let complete = self.client.complete_multipart_upload().bucket(&self.address.bucket).key(key);
            let complete = complete.upload_id(upload).multipart_upload(parts.clone()).if_none_match("*");
            complete.send().await.map_err(|error| failed("end a file", &self.whom, error))
        });
        match done.await {
            Ok(_) => {}
            // Somebody was first, or the answer to an earlier attempt was lost.
            Err(failed) if failed.status == 412 || failed.code == "NoSuchUpload" => {}
            Err(failed) => return Err(failed.into()),
        }
        match self.has_blob(sha256, size).await? {
            true => Ok(()),
            false => Err(Error::outside(
                format!("{} does not have a file that was sent", self.whom),
                "say it again; see whether something removes new objects there",
            )),
        }
    }
}

/// A file of `size` bytes in parts of at least `least` bytes; the same for the same file.
fn parts(size: u64, least: u64) -> Vec<Part> {
    const STEP: u64 = 1 << 20;
    let each = size.div_ceil(MOST_PARTS).div_ceil(STEP).saturating_mul(STEP).max(least).max(1);
    let starts = (0..size).step_by(usize::try_from(each).unwrap_or(usize::MAX));
    let part = |(place, start): (usize, u64)| Part { number: place as i32 + 1, start, size: each.min(size - start) };
    starts.enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_cover_the_file_and_are_few() {
        for size in [1, 5 << 20, (8 << 20) + 1, 100 << 30, 5 << 40] {
            let parts = parts(size, 8 << 20);
            assert_eq!(parts.iter().map(|part| part.size).sum::<u64>(), size);
            assert!(parts.len() <= 10_000 && parts.iter().all(|part| part.size > 0), "{size}");
            assert!(parts.windows(2).all(|pair| pair[0].start + pair[0].size == pair[1].start));
            assert!(parts.iter().rev().skip(1).all(|part| part.size >= 8 << 20));
        }
    }
}
