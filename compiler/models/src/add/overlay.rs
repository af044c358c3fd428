//! A project as it would be with some files more, so that they can be checked before they are written.

use mu_base::{World, WorldError};
use std::collections::BTreeMap;

pub struct Overlay<'a> {
    pub below: &'a dyn World,
    /// By path from the project's folder.
    pub files: &'a BTreeMap<String, Vec<u8>>,
}

impl World for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.below.read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut paths = self.below.list(folder);
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        paths.extend(self.files.keys().filter(|path| path.starts_with(&prefix)).cloned());
        paths.sort();
        paths.dedup();
        paths
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.len() as u64),
            None => self.below.size(path),
        }
    }
}
