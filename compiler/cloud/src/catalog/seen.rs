//! What was last seen in a store, kept beside the project: it tells what changed here from what changed there.

use crate::address::Address;
use crate::catalog::hash_of;
use crate::error::Error;
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files as they were in the store when they were last pushed or pulled, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The address, so that people know what the file is about.
    pub store: String,
    pub files: BTreeMap<String, String>,
}

impl Seen {
    /// Reads what was seen at the address. What cannot be read counts as nothing: then nothing is replaced without asking.
    pub fn read(folder: &Path, address: &Address) -> Seen {
        let bytes = fs::read(place(folder, address)).unwrap_or_default();
        let seen: Option<Seen> = serde_json::from_slice(&bytes).ok();
        let fresh = Seen { store: address.to_string(), files: BTreeMap::new() };
        seen.filter(|seen| seen.store == fresh.store).unwrap_or(fresh)
    }

    pub fn write(&self, folder: &Path, address: &Address) -> Result<(), Error> {
        let path = place(folder, address);
        let text = serde_json::to_vec(self).unwrap_or_default();
        files::write(&path, &text)
    }
}

fn place(folder: &Path, address: &Address) -> PathBuf {
    let name: String = hash_of(address.to_string().as_bytes()).chars().take(16).collect();
    folder.join("stores").join(format!("{name}.json"))
}
