//! The files of chosen models, each held against the sha256 on its card.

use mu_analysis::hir::Card;
use mu_base::{Code, Diagnostic, World};
use mu_format::bundle::sha256;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A model's file.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The card's name.
    pub name: String,
    /// From the project's folder.
    pub path: String,
    pub sha256: String,
    pub bytes: Arc<Vec<u8>>,
}

/// Files that were read, by sha256.
pub(crate) struct Models<'a> {
    world: &'a dyn World,
    read: BTreeMap<String, ModelFile>,
}

impl<'a> Models<'a> {
    pub fn new(world: &'a dyn World) -> Models<'a> {
        Models { world, read: BTreeMap::new() }
    }

    /// Reads the file of a card, once.
    pub fn load(&mut self, card: &Card) -> Result<(), Box<Diagnostic>> {
        let net = &card.net;
        if self.read.contains_key(&net.sha256) {
            return Ok(());
        }
        let missing = |why: String| {
            Diagnostic::error(Code::FileMissing, format!("the file of model `{}` cannot be read: {why}", card.name))
                .at(net.loc, "named here")
                .help("put it beside the card, or name its folder in `mu.toml` under `[catalog] weights`")
        };
        let path = net.path.clone().ok_or_else(|| missing("there is no such file".to_string()))?;
        let bytes = self.world.read(&path).map_err(|error| missing(error.to_string()))?;
        let found = sha256(&bytes);
        if found != net.sha256 {
            let message = format!("`{path}` is not the file that `{}` describes", card.name);
            return Err(Diagnostic::error(Code::FileChanged, message)
                .at(net.loc, format!("its sha256 is {found}"))
                .help("get the file the card was written for, or measure the new one and correct the card")
                .into());
        }
        let file = ModelFile { name: card.name.clone(), path, sha256: found.clone(), bytes: Arc::new(bytes) };
        self.read.insert(found, file);
        Ok(())
    }

    pub fn get(&self, sha256: &str) -> Option<&ModelFile> {
        self.read.get(sha256)
    }
}
