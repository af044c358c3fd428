//! A store: blobs under their hashes, manifests under theirs, and one pointer, `head`, that is moved last.
//!
//! A push that is cut leaves blobs that nobody names yet, and the head where it was. Blobs and manifests are never overwritten;
//! the head moves only from what was read.

mod get;
mod parts;
mod put;

use crate::address::Address;
use crate::catalog::manifest::{LARGEST, is_hash};
use crate::catalog::{Manifest, hash_of};
use crate::error::{Error, Failed, failed};
use crate::retry::Patience;
use crate::session::Session;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const HEAD: &str = "head";

/// How much is done at once, and from which size on a file is sent in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at once.
    pub parallel: usize,
    /// Larger files are sent in parts, in bytes.
    pub whole: u64,
    /// The least size of a part in bytes; S3 takes 5 MiB and more.
    pub part: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { parallel: 6, whole: 16 << 20, part: 8 << 20 }
    }
}

/// A catalog's prefix in S3.
pub(crate) struct Store<'a> {
    client: Client,
    patience: Patience,
    pub address: &'a Address,
    pub limits: Limits,
    /// For messages.
    whom: String,
}

/// Where the pointer stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub revision: String,
    etag: Option<String>,
}

/// What came of a conditional write.
enum Written {
    Done,
    /// Something else stands there, or was there first.
    Refused,
}

impl<'a> Store<'a> {
    pub fn new(session: &Session, address: &'a Address, limits: Limits) -> Store<'a> {
        Store { client: session.s3(), patience: session.patience(), address, limits, whom: format!("`{address}`") }
    }

    fn key(&self, name: &str) -> String {
        self.address.key(name)
    }

    /// The pointer; `None` where no catalog was pushed yet.
    pub async fn head(&self) -> Result<Option<Head>, Error> {
        let Some((bytes, etag)) = self.small("read the catalog's head", HEAD, 100).await? else { return Ok(None) };
        let revision = String::from_utf8_lossy(&bytes).trim().to_owned();
        match is_hash(&revision) {
            true => Ok(Some(Head { revision, etag })),
            false => Err(Error::request(
                format!("`{}` holds something else than a catalog", self.address),
                "name another prefix, or remove the object `head` there",
            )),
        }
    }

    pub async fn manifest(&self, revision: &str) -> Result<Manifest, Error> {
        let bytes = self.small("read the catalog", &manifest_name(revision), LARGEST).await?;
        let (bytes, _) = bytes.ok_or_else(|| {
            let message = format!("the catalog at `{}` names revision {revision}, which is not there", self.address);
            Error::request(message, "somebody removed it: push the catalog again to another prefix")
        })?;
        Manifest::parse(&bytes, revision)
    }

    /// Puts the manifest under its revision.
    pub async fn put_manifest(&self, text: &str, revision: &str) -> Result<(), Error> {
        let name = manifest_name(revision);
        match self.put_new(&name, text.as_bytes()).await? {
            Written::Done => Ok(()),
            // Its name is the hash of its content; somebody was first with the same.
            Written::Refused => self.manifest(revision).await.map(|_| ()),
        }
    }

    /// Points to `revision`, unless the pointer has moved since `from` was read: then `false`.
    pub async fn move_head(&self, from: Option<&Head>, revision: &str) -> Result<bool, Error> {
        // Stores that do not know the condition are asked just before, which leaves a moment; S3 knows it.
        let now = self.head().await?;
        if now.as_ref().map(|head| &head.revision) != from.map(|head| &head.revision) {
            return Ok(now.is_some_and(|head| head.revision == revision));
        }
        let with_etag = now.as_ref().and_then(|head| head.etag.clone());
        let mut conditional = true;
        let written = self.patience.retry(async || {
            let put = self.client.put_object().bucket(&self.address.bucket).key(self.key(HEAD));
            let put = put.content_type("text/plain").body(ByteStream::from(revision.as_bytes().to_vec()));
            let put = match (&with_etag, conditional) {
                (Some(etag), true) => put.if_match(etag),
                (None, true) => put.if_none_match("*"),
                (_, false) => put,
            };
            match put.send().await.map_err(|error| failed("move the catalog's head", &self.whom, error)) {
                Ok(_) => Ok(Written::Done),
                Err(failed) if failed.status == 412 => Ok(Written::Refused),
                Err(Failed { status: 501, error, .. }) if conditional => {
                    conditional = false;
                    Err(Failed { error, again: crate::error::Again::Few, status: 501, code: String::new() })
                }
                Err(failed) => Err(failed),
            }
        });
        match written.await? {
            Written::Done => Ok(true),
            // The answer to an earlier attempt may have been lost: then the head is ours.
            Written::Refused => Ok(self.head().await?.is_some_and(|head| head.revision == revision)),
        }
    }

    /// Puts an object that may not be there yet.
    async fn put_new(&self, name: &str, bytes: &[u8]) -> Result<Written, Error> {
        let checksum = checksum(&hash_of(bytes));
        let written = self.patience.retry(async || {
            let put = self.client.put_object().bucket(&self.address.bucket).key(self.key(name)).if_none_match("*");
            let put = put.checksum_sha256(&checksum).body(ByteStream::from(bytes.to_vec()));
            match put.send().await.map_err(|error| failed("store a file", &self.whom, error)) {
                Ok(_) => Ok(Written::Done),
                Err(failed) if failed.status == 412 => Ok(Written::Refused),
                Err(failed) => Err(failed),
            }
        });
        Ok(written.await?)
    }

    /// A small object whole, with its ETag; `None` where there is none.
    async fn small(&self, doing: &str, name: &str, most: u64) -> Result<Option<(Vec<u8>, Option<String>)>, Error> {
        let read = self.patience.retry(async || {
            let get = self.client.get_object().bucket(&self.address.bucket).key(self.key(name));
            let mut answer = match get.send().await.map_err(|error| failed(doing, &self.whom, error)) {
                Ok(answer) => answer,
                Err(failed) if failed.code == "NoSuchKey" => return Ok(None),
                Err(failed) => return Err(failed),
            };
            let etag = answer.e_tag().map(str::to_owned);
            let mut bytes = Vec::new();
            while let Some(chunk) = answer.body.next().await {
                bytes.extend_from_slice(&chunk.map_err(|error| self.cut(doing, &error))?);
                if bytes.len() as u64 > most {
                    let message = format!("`{}/{name}` is larger than it can be", self.address);
                    return Err(Error::request(message, "somebody else than mulc wrote it: name another prefix").into());
                }
            }
            match answer.content_length {
                Some(length) if length != bytes.len() as i64 => Err(self.cut(doing, &"it is short")),
                _ => Ok(Some((bytes, etag))),
            }
        });
        Ok(read.await?)
    }

    /// An answer that ended early.
    fn cut(&self, doing: &str, why: &dyn std::fmt::Display) -> Failed {
        let message = format!("the line to {} was cut ({doing}): {}", self.whom, crate::error::clean(&why.to_string()));
        let error = Error::outside(message, "say it again: what has arrived is kept");
        Failed { error, again: crate::error::Again::Many, status: 0, code: String::new() }
    }
}

fn manifest_name(revision: &str) -> String {
    format!("catalog/{revision}.json")
}

fn blob_name(sha256: &str) -> String {
    format!("blobs/sha256/{sha256}")
}

/// A hash as S3 writes it.
fn checksum(sha256: &str) -> String {
    let byte = |at: usize| sha256.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    STANDARD.encode((0..sha256.len()).step_by(2).map(byte).collect::<Vec<u8>>())
}
