//! A project's catalog on the disk, as the commands on it see it: cards and weights are read through the project's `World`,
//! what a command writes replaces the old file at once and whole.

use crate::error::Error;
use mu_base::{World, WorldError};
use mu_driver::{Compiled, Input, card_program};
use mu_evidence::Evidence;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// The folder of the cards in a project.
pub const CARDS: &str = "models";

pub struct Catalog<'a> {
    /// The project's folder.
    folder: PathBuf,
    world: &'a dyn World,
}

impl<'a> Catalog<'a> {
    /// `world` reads below `folder`.
    pub fn new(folder: impl Into<PathBuf>, world: &'a dyn World) -> Catalog<'a> {
        Catalog { folder: folder.into(), world }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn world(&self) -> &'a dyn World {
        self.world
    }

    /// The project as the compiler takes it.
    pub fn input(&self) -> Input<'a> {
        Input { world: self.world, lone: None }
    }

    /// The adapter of a card as a program, ready to be run.
    pub fn program(&self, card: &str) -> Result<Compiled, Error> {
        let report = card_program(&self.input(), card);
        let first = report.diagnostics.iter().find(|diagnostic| diagnostic.is_error()).map(|d| d.message.clone());
        let why = report.internal.or(first).unwrap_or_default();
        report.value.ok_or_else(|| {
            Error::wrong(format!("`{card}` cannot be run: {why}")).help("`mulc check` shows all that is wrong")
        })
    }

    /// What was measured of a card; nothing measured where there is no file.
    pub fn evidence(&self, card: &str) -> Result<Option<Evidence>, Error> {
        let path = mu_evidence::path(card);
        let bytes = match self.world.read(&path) {
            Ok(bytes) => bytes,
            Err(WorldError::NotFound) => return Ok(None),
            Err(error) => return Err(Error::unread(&path, &error)),
        };
        let evidence = Evidence::parse(&String::from_utf8_lossy(&bytes));
        evidence.map(Some).map_err(|error| {
            Error::wrong(format!("`{path}` cannot be used: {error}"))
                .help("delete it and measure again: `mulc models measure` and `mulc models evaluate`")
        })
    }

    /// What was measured of this file of a card, to be added to: evidence of another file is not kept.
    pub fn evidence_for(&self, card: &str, sha256: &str) -> Result<Evidence, Error> {
        let known = self.evidence(card)?.filter(|evidence| evidence.sha256 == sha256);
        Ok(known.unwrap_or_else(|| Evidence {
            model: card.to_owned(),
            sha256: sha256.to_owned(),
            ..Evidence::default()
        }))
    }

    /// Writes what was measured of a card.
    pub fn keep(&self, evidence: &Evidence) -> Result<(), Error> {
        let text = evidence.to_text().map_err(|error| Error::wrong(format!("the evidence is not sound: {error}")))?;
        self.write(&mu_evidence::path(&evidence.model), text.as_bytes())
    }

    /// Writes a file of the project, by its path from the project's folder with `/`: whole or not at all. Paths that lead out
    /// of the project are refused.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || path.is_empty() {
            return Err(Error::wrong(format!("`{path}` leads out of the project's folder")));
        }
        let full = self.folder.join(path);
        let folder = full.parent().unwrap_or(&self.folder);
        let write = || {
            std::fs::create_dir_all(folder)?;
            let mut file = tempfile::Builder::new().prefix(".mulc-").tempfile_in(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&full)?;
            Ok(())
        };
        write().map_err(|error: std::io::Error| {
            Error::outside(format!("`{}` cannot be written: {error}", full.display()))
                .help("free some space or make the folder writable; nothing was changed")
        })
    }
}
