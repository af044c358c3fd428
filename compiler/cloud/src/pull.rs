//! A catalog on its way from a store. Everything is fetched and verified before the first file is put in place.

use crate::address::Address;
use crate::catalog::merge::{self, Merged};
use crate::catalog::seen::Seen;
use crate::catalog::{Manifest, manifest};
use crate::error::Error;
use crate::files::{self, beside, into_place};
use crate::session::Session;
use crate::store::{Limits, Store};
use crate::{Step, unknown_models};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What is to be fetched, and to where.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The catalog's folder.
    pub folder: PathBuf,
    /// Where mulc keeps what it knows beside the project: `.mulc`.
    pub state: PathBuf,
    /// Where files that were fetched before lie, each named by its sha256.
    pub cache: PathBuf,
    /// All, where none is named.
    pub models: Vec<String>,
    /// Cards and evidence, without weights and data sets.
    pub cards: bool,
}

/// What a pull did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pulled {
    pub store: String,
    pub revision: String,
    /// Files that are new or changed here, from the catalog's folder.
    pub changed: Vec<String>,
    /// Files that the store's catalog has no more.
    pub removed: Vec<String>,
    /// Bytes that were fetched.
    pub bytes: u64,
}

/// A file to come.
struct Coming<'a> {
    path: &'a str,
    target: PathBuf,
    sha256: &'a str,
    size: u64,
}

impl Session {
    /// Brings the catalog here to the state of the store, as far as it is wished for. Files that were changed here stand in
    /// the way only where they were changed there, too.
    pub fn pull(
        &self,
        address: &Address,
        wish: &Wish,
        limits: Limits,
        progress: &dyn Fn(Step),
    ) -> Result<Pulled, Error> {
        self.wait(pull(&Store::new(self, address, limits), wish, progress))
    }

    /// Brings blobs by their hash into a folder of blobs, where they are named by it.
    pub fn fetch(
        &self,
        address: &Address,
        hashes: &BTreeSet<String>,
        blobs: &Path,
        limits: Limits,
        progress: &dyn Fn(Step),
    ) -> Result<u64, Error> {
        let store = Store::new(self, address, limits);
        progress(Step::Planned { files: hashes.len(), bytes: 0 });
        let one = |sha256: &String| {
            let (sha256, store) = (sha256.clone(), &store);
            async move {
                let target = blobs.join(&sha256);
                let part = beside(&target, &format!("part-{sha256}"));
                let bytes = store.get_blob(&sha256, None, &part).await?;
                into_place(&part, &target)?;
                progress(Step::Done { bytes });
                Ok::<u64, Error>(bytes)
            }
        };
        let fetched = stream::iter(hashes.iter().map(one)).buffer_unordered(limits.parallel.max(1));
        let bytes: Vec<u64> = self.wait(fetched.try_collect())?;
        Ok(bytes.iter().sum())
    }
}

async fn pull(store: &Store<'_>, wish: &Wish, progress: &dyn Fn(Step)) -> Result<Pulled, Error> {
    let head = store.head().await?.ok_or_else(|| {
        let message = format!("there is no catalog at `{}`", store.address);
        Error::request(message, format!("push one (`mulc models push {}`), or correct the address", store.address))
    })?;
    let manifest = store.manifest(&head.revision).await?;
    unknown_models(&wish.models, manifest.models().into_iter(), "the catalog in the store")?;
    let mut seen = Seen::read(&wish.state, store.address);
    let wanted = wanted(&manifest, wish);
    let here = here(wish, &wanted, &seen)?;
    // What is not here is fetched, whether it was here before or not.
    let known = seen.files.iter().filter(|(path, _)| here.contains_key(*path));
    let known: BTreeMap<String, String> = known.map(|(path, sha256)| (path.clone(), sha256.clone())).collect();
    let there = wanted.iter().map(|(path, (sha256, _))| (path.to_string(), sha256.to_string())).collect();
    let decided = merge::all(&here, &there, &known);
    if let Some(paths) = merge::conflicts(&decided) {
        let message = format!("changed here and in the store: {paths}");
        return Err(Error::request(message, "set your changes aside, pull, make them again, and push"));
    }
    let theirs = || decided.iter().filter(|(_, merged)| **merged == Merged::There).map(|(path, _)| *path);
    let coming = |path: &&'_ str| wanted.get_key_value(*path);
    let coming: Vec<Coming> = theirs()
        .filter_map(|path| coming(&path))
        .map(|(path, (sha256, size))| Coming { path, target: wish.folder.join(path), sha256, size: *size })
        .collect();
    let removed: Vec<String> = theirs().filter(|path| !wanted.contains_key(path)).map(str::to_owned).collect();
    let (parts, bytes) = fetch(store, &coming, &here, wish, progress).await?;
    for (coming, part) in coming.iter().zip(&parts) {
        into_place(part, &coming.target)?;
    }
    for path in &removed {
        let place = wish.folder.join(path);
        fs::remove_file(&place).map_err(Error::disk("remove", &place))?;
        seen.files.remove(path);
    }
    // All that is now as it is there.
    let same = wanted.iter().filter(|(path, (sha256, _))| {
        let kept = here.get(**path).is_some_and(|found| found == sha256);
        kept || coming.iter().any(|coming| coming.path == **path)
    });
    seen.files.extend(same.map(|(path, (sha256, _))| (path.to_string(), sha256.to_string())));
    seen.write(&wish.state, store.address)?;
    let changed = coming.iter().map(|coming| coming.path.to_owned()).collect();
    Ok(Pulled { store: store.address.to_string(), revision: head.revision, changed, removed, bytes })
}

/// The files that are wished for: hash and size by path.
fn wanted<'a>(manifest: &'a Manifest, wish: &Wish) -> BTreeMap<&'a str, (&'a str, u64)> {
    let entries = || manifest.files.iter().filter(|entry| entry.is_about(&wish.models));
    let read = entries().map(|entry| (entry.path.as_str(), (entry.sha256.as_str(), entry.size)));
    let needs = entries().flat_map(|entry| &entry.needs).filter(|need| !wish.cards && need.is_about(&wish.models));
    read.chain(needs.map(|need| (need.path.as_str(), (need.sha256.as_str(), need.size)))).collect()
}

/// What is here of the wanted files, and of those that were in the store before; hash by path.
fn here(wish: &Wish, wanted: &BTreeMap<&str, (&str, u64)>, seen: &Seen) -> Result<BTreeMap<String, String>, Error> {
    let gone = seen.files.keys().filter(|path| {
        // A part of the catalog says nothing of the rest; weights may serve other cards.
        wish.models.is_empty() && manifest::is_read(path) && manifest::is_plain(path)
    });
    let paths: BTreeSet<&str> = wanted.keys().copied().chain(gone.map(String::as_str)).collect();
    let mut here = BTreeMap::new();
    for path in paths {
        if let Some((sha256, _)) = files::hash(&wish.folder.join(path))? {
            here.insert(path.to_owned(), sha256);
        }
    }
    Ok(here)
}

/// Brings each file to a hidden one beside its place, in their order. Gives the bytes that came over the line.
async fn fetch(
    store: &Store<'_>,
    coming: &[Coming<'_>],
    here: &BTreeMap<String, String>,
    wish: &Wish,
    progress: &dyn Fn(Step),
) -> Result<(Vec<PathBuf>, u64), Error> {
    let mut first: BTreeMap<&str, PathBuf> = BTreeMap::new();
    let mut parts = Vec::new();
    for (place, one) in coming.iter().enumerate() {
        let part = match first.contains_key(one.sha256) {
            false => beside(&one.target, &format!("part-{}", one.sha256)),
            true => beside(&one.target, &format!("copy-{place}-{}", one.sha256)),
        };
        first.entry(one.sha256).or_insert_with(|| part.clone());
        parts.push(part);
    }
    let distinct: BTreeMap<&str, u64> = coming.iter().map(|one| (one.sha256, one.size)).collect();
    progress(Step::Planned { files: distinct.len(), bytes: distinct.values().sum() });
    let one = |(sha256, part): (&str, PathBuf)| {
        let size = distinct.get(sha256).copied().unwrap_or(0);
        let at_hand = at_hand(sha256, here, wish);
        let sha256 = sha256.to_owned();
        async move {
            if let Some(source) = at_hand {
                // Verified below like anything else; if it is not what it should be, it is fetched.
                copy(&source, &part)?;
            }
            let bytes = store.get_blob(&sha256, Some(size), &part).await?;
            progress(Step::Done { bytes: size });
            Ok::<u64, Error>(bytes)
        }
    };
    let fetched = stream::iter(first.iter().map(|(sha256, part)| one((*sha256, part.clone()))))
        .buffer_unordered(store.limits.parallel.max(1));
    let bytes: Vec<u64> = fetched.try_collect().await?;
    for (one, part) in coming.iter().zip(&parts) {
        if let Some(source) = first.get(one.sha256).filter(|source| *source != part) {
            copy(source, part)?;
        }
    }
    Ok((parts, bytes.iter().sum()))
}

/// Where a file with this hash lies already: elsewhere in the catalog, or in the cache.
fn at_hand(sha256: &str, here: &BTreeMap<String, String>, wish: &Wish) -> Option<PathBuf> {
    let same = here.iter().find(|(_, found)| *found == sha256).map(|(path, _)| wish.folder.join(path));
    same.or_else(|| Some(wish.cache.join(sha256)).filter(|path| path.is_file()))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    files::make_parent(to)?;
    let copied = fs::copy(from, to).and_then(|_| fs::File::open(to)?.sync_all());
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied.map_err(Error::disk("write", to))
}
