//! A catalog on its way to a store.

use crate::address::Address;
use crate::catalog::merge::{self, Merged};
use crate::catalog::seen::Seen;
use crate::catalog::{Entry, Manifest, Need, NeedKind};
use crate::error::Error;
use crate::files;
use crate::session::Session;
use crate::store::{Limits, Store};
use crate::{Step, unknown_models};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A catalog on the disk.
#[derive(Debug, Clone)]
pub struct Local {
    /// The catalog's folder.
    pub folder: PathBuf,
    /// Where mulc keeps what it knows beside the project: `.mulc`.
    pub state: PathBuf,
    pub files: Vec<LocalFile>,
}

/// A file that the catalog is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// From the catalog's folder.
    pub path: String,
    /// The models that it is about; none where it is about all.
    pub models: Vec<String>,
    pub needs: Vec<LocalNeed>,
}

/// A file that a card names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalNeed {
    /// Where the card looks for it, from the catalog's folder.
    pub path: String,
    /// Where it lies on the disk.
    pub place: PathBuf,
    /// As the card states it.
    pub sha256: String,
    pub kind: NeedKind,
    pub model: Option<String>,
}

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    pub store: String,
    /// The catalog's revision in the store.
    pub revision: String,
    /// Whether the store has another catalog than before.
    pub moved: bool,
    /// Files of the catalog in the store.
    pub files: usize,
    /// Files that were sent, and their bytes.
    pub sent: usize,
    pub bytes: u64,
}

/// Something to send: from where, under which hash.
type Blobs = BTreeMap<String, (PathBuf, u64)>;

impl Session {
    /// Brings the models named (all, where none is) to the store, with what changed here since the last push or pull.
    pub fn push(
        &self,
        address: &Address,
        local: &Local,
        models: &[String],
        limits: Limits,
        progress: &dyn Fn(Step),
    ) -> Result<Pushed, Error> {
        self.wait(push(&Store::new(self, address, limits), local, models, progress))
    }
}

async fn push(store: &Store<'_>, local: &Local, models: &[String], progress: &dyn Fn(Step)) -> Result<Pushed, Error> {
    unknown_models(models, local.files.iter().flat_map(|file| &file.models).map(String::as_str), "the catalog here")?;
    let head = store.head().await?;
    let there = match &head {
        Some(head) => store.manifest(&head.revision).await?,
        None => Manifest::new(Vec::new()),
    };
    let mut seen = Seen::read(&local.state, store.address);
    let mut blobs = Blobs::new();
    let mut here = Vec::new();
    for file in &local.files {
        here.push(entry(store, local, file, models, &there, &mut blobs).await?);
    }
    let manifest = merged(&here, &there, &mut seen, models)?;
    manifest
        .check()
        .map_err(|why| Error::request(format!("the catalog cannot be pushed: {why}"), "rename the file"))?;
    let named: BTreeMap<&str, ()> = manifest
        .files
        .iter()
        .map(|e| (e.sha256.as_str(), ()))
        .chain(manifest.needs().map(|n| (n.sha256.as_str(), ())))
        .collect();
    blobs.retain(|sha256, _| named.contains_key(sha256.as_str()));
    let known = there.files.iter().map(|entry| &entry.sha256).chain(there.needs().map(|need| &need.sha256));
    known.for_each(|sha256| drop(blobs.remove(sha256)));
    let (sent, bytes) = send(store, &blobs, progress).await?;
    let (text, revision) = manifest.to_text()?;
    let moved = head.as_ref().is_none_or(|head| head.revision != revision);
    if moved {
        store.put_manifest(&text, &revision).await?;
        if !store.move_head(head.as_ref(), &revision).await? {
            let message = format!("`{}` was pushed to by somebody else meanwhile", store.address);
            let help =
                format!("pull first (`mulc models pull {}`), then push again: what was sent is kept", store.address);
            return Err(Error::request(message, help));
        }
    }
    seen.write(&local.state, store.address)?;
    Ok(Pushed { store: store.address.to_string(), revision, moved, files: manifest.files.len(), sent, bytes })
}

/// A local file as a manifest has it; what it and its needs would send goes to `blobs`.
async fn entry(
    store: &Store<'_>,
    local: &Local,
    file: &LocalFile,
    models: &[String],
    there: &Manifest,
    blobs: &mut Blobs,
) -> Result<Entry, Error> {
    let place = local.folder.join(&file.path);
    let hashed = files::hash(&place)?;
    let gone =
        || Error::outside(format!("`{}` has gone", place.display()), "leave the catalog alone while it is pushed");
    let (sha256, size) = hashed.ok_or_else(gone)?;
    blobs.insert(sha256.clone(), (place, size));
    let mut entry = Entry { path: file.path.clone(), sha256, size, models: file.models.clone(), needs: Vec::new() };
    if !entry.is_about(models) {
        return Ok(entry);
    }
    for need in &file.needs {
        let known = there.needs().find(|known| known.path == need.path && known.sha256 == need.sha256);
        let size = match (files::hash(&need.place)?, known) {
            (Some((found, size)), _) if found == need.sha256 => {
                blobs.insert(found, (need.place.clone(), size));
                size
            }
            (Some(_), None) => return Err(changed(&need.place, &file.path)),
            (_, Some(known)) => known.size,
            (None, None) if need.kind == NeedKind::Data => continue,
            (None, None) => return Err(missing(store, need, &file.path)),
        };
        let Need { path, sha256, kind, model, .. } = need_of(need, size);
        entry.needs.push(Need { path, sha256, size, kind, model });
    }
    Ok(entry)
}

fn need_of(need: &LocalNeed, size: u64) -> Need {
    Need { path: need.path.clone(), sha256: need.sha256.clone(), size, kind: need.kind, model: need.model.clone() }
}

fn changed(place: &Path, card: &str) -> Error {
    let message = format!("`{}` is not the file that `{card}` describes", place.display());
    Error::request(message, "`mulc models verify` tells more; get the right file, or correct the card")
}

fn missing(store: &Store<'_>, need: &LocalNeed, card: &str) -> Error {
    let message =
        format!("`{}`, which `{card}` names, is neither here nor in `{}`", need.place.display(), store.address);
    Error::request(message, "put it beside the card, or push other models by their names")
}

/// The catalog that both sides make together, and what will then have been seen.
fn merged(here: &[Entry], there: &Manifest, seen: &mut Seen, models: &[String]) -> Result<Manifest, Error> {
    let asked = |entries: &[Entry]| -> BTreeMap<String, Entry> {
        let asked = entries.iter().filter(|entry| entry.is_about(models));
        asked.map(|entry| (entry.path.clone(), entry.clone())).collect()
    };
    let hashes = |entries: &BTreeMap<String, Entry>| -> BTreeMap<String, String> {
        entries.iter().map(|(path, entry)| (path.clone(), entry.sha256.clone())).collect()
    };
    let ours = asked(here);
    // A path that is asked for on one side is meant on both.
    let theirs: BTreeMap<String, Entry> = there.files.iter().map(|entry| (entry.path.clone(), entry.clone())).collect();
    let (our_hashes, their_hashes) = (hashes(&ours), hashes(&theirs));
    let decided = merge::all(&our_hashes, &their_hashes, &seen.files);
    // What is not asked for stays as it is there.
    let decided: BTreeMap<&str, Merged> = decided
        .into_iter()
        .map(|(path, decision)| match models.is_empty() || our_hashes.contains_key(path) {
            true => (path, decision),
            false => (path, Merged::There),
        })
        .collect();
    if let Some(paths) = merge::conflicts(&decided) {
        let message = format!("changed here and in the store: {paths}");
        return Err(Error::request(message, "set your changes aside, pull, make them again, and push"));
    }
    let mut files = Vec::new();
    for (path, decision) in decided {
        let chosen = match decision {
            Merged::There => theirs.get(path),
            _ => {
                let ours = ours.get(path);
                match ours {
                    Some(entry) => drop(seen.files.insert(path.to_owned(), entry.sha256.clone())),
                    None => drop(seen.files.remove(path)),
                }
                ours
            }
        };
        files.extend(chosen.map(|entry| with_needs_of(entry.clone(), theirs.get(path))));
    }
    let ours = files.iter().filter(|entry| our_hashes.get(&entry.path) == Some(&entry.sha256));
    seen.files.extend(ours.flat_map(|entry| &entry.needs).map(|need| (need.path.clone(), need.sha256.clone())));
    Ok(Manifest::new(files))
}

/// A data set that is not here is still named by the same file there.
fn with_needs_of(mut entry: Entry, theirs: Option<&Entry>) -> Entry {
    let same = theirs.filter(|theirs| theirs.sha256 == entry.sha256);
    for need in same.iter().flat_map(|theirs| &theirs.needs) {
        if !entry.needs.iter().any(|known| known.path == need.path) {
            entry.needs.push(need.clone());
        }
    }
    entry.needs.sort_by(|a, b| a.path.cmp(&b.path));
    entry
}

/// Sends what is not there: small files side by side, large ones one after the other, their parts side by side.
async fn send(store: &Store<'_>, blobs: &Blobs, progress: &dyn Fn(Step)) -> Result<(usize, u64), Error> {
    progress(Step::Planned { files: blobs.len(), bytes: blobs.values().map(|(_, size)| size).sum() });
    let (large, small): (Vec<_>, Vec<_>) = blobs.iter().partition(|(_, (_, size))| *size > store.limits.whole);
    let put = |(sha256, (place, size)): (&String, &(PathBuf, u64))| {
        let (sha256, place, size) = (sha256.clone(), place.clone(), *size);
        async move {
            let sent = store.put_blob(&place, &sha256, size).await?;
            progress(Step::Done { bytes: size });
            Ok::<u64, Error>(sent)
        }
    };
    let mut sent: Vec<u64> =
        stream::iter(small.into_iter().map(put)).buffer_unordered(store.limits.parallel.max(1)).try_collect().await?;
    for blob in large {
        sent.push(put(blob).await?);
    }
    Ok((sent.iter().filter(|bytes| **bytes > 0).count(), sent.iter().sum()))
}
