//! `verify`: whether a catalog is what it says. Every file is read and hashed, every net held against its card, every seal against
//! its figures.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::index;
use mu_base::{Diagnostic, Sources, WorldError};
use mu_driver::catalog::{CardFacts, Catalogued, DatasetFacts};
use mu_evidence::Store;
use mu_index::Index;
use serde::Serialize;
use std::collections::BTreeSet;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verified {
    pub models: usize,
    pub datasets: usize,
    /// What is wrong.
    pub faults: Vec<Found>,
    /// What is not wrong and worth knowing.
    pub notes: Vec<Found>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Found {
    /// The file, from the project's folder, with a line where it is about one: `models/kcnn_8.mu:7`.
    pub place: String,
    pub message: String,
}

/// Holds a catalog against itself.
pub fn verify(catalog: &Catalog) -> Result<Verified, Error> {
    let report = mu_driver::catalog::catalog(&catalog.input());
    let (Some(facts), None) = (report.value, report.internal) else {
        return Err(Error::wrong("the catalog cannot be read"));
    };
    let mut found = Findings::default();
    let inside = format!("{}/", facts.folder);
    for diagnostic in &report.diagnostics {
        found.diagnostic(diagnostic, &report.sources, &inside);
    }
    let store = Store::read(catalog.world(), &facts.folder);
    for fault in &store.faults {
        found.fault(&fault.path, fault.message());
    }
    facts.cards.iter().for_each(|card| found.card(card, &facts, &store));
    let cards: BTreeSet<&str> = facts.cards.iter().map(|card| card.name.as_str()).collect();
    for stray in store.cards().filter(|name| !cards.contains(name)) {
        found.note(&evidence_path(&facts, stray), "no card is called so".into());
    }
    for set in &facts.datasets {
        found.dataset(set, catalog)?;
    }
    found.index(catalog, &facts)?;
    let (models, datasets) = (facts.cards.len(), facts.datasets.len());
    Ok(Verified {
        models,
        datasets,
        faults: found.faults.into_iter().collect(),
        notes: found.notes.into_iter().collect(),
    })
}

fn evidence_path(facts: &Catalogued, card: &str) -> String {
    format!("{}/{card}.toml", mu_evidence::store::folder(&facts.folder))
}

#[derive(Default)]
struct Findings {
    faults: BTreeSet<Found>,
    notes: BTreeSet<Found>,
}

impl Findings {
    fn fault(&mut self, place: &str, message: String) {
        self.faults.insert(Found { place: place.to_owned(), message });
    }

    fn note(&mut self, place: &str, message: String) {
        self.notes.insert(Found { place: place.to_owned(), message });
    }

    /// What the check of a card says. Other sources of the project are not the catalog's.
    fn diagnostic(&mut self, diagnostic: &Diagnostic, sources: &Sources, inside: &str) {
        let Some(loc) = diagnostic.place() else { return };
        let source = sources.get(loc.file);
        if !source.path.starts_with(inside) || source.path.ends_with(".toml") {
            return;
        }
        let before = source.text.get(..loc.span.start as usize).unwrap_or_default();
        let place = format!("{}:{}", source.path, before.matches('\n').count() + 1);
        let label = diagnostic.labels.iter().find(|label| label.primary).map(|label| label.text.as_str());
        let message = match label {
            Some(label) if !label.is_empty() => format!("{} ({label})", diagnostic.message),
            _ => diagnostic.message.clone(),
        };
        match diagnostic.is_error() {
            true => self.fault(&place, message),
            false => self.note(&place, message),
        }
    }

    fn card(&mut self, card: &CardFacts, facts: &Catalogued, store: &Store) {
        let Some(stated) = &card.stated else { return };
        let path = evidence_path(facts, &card.name);
        match store.any(&card.name) {
            None => self.note(&card.source, format!("nothing was measured of `{}`", card.name)),
            Some(evidence) if evidence.sha256 != stated.sha256 => {
                let other = evidence.sha256.get(..12).unwrap_or(&evidence.sha256);
                self.fault(&path, format!("it was measured of another file (sha256 {other}...) than the card names"));
            }
            Some(evidence) => {
                if evidence.gate.is_none() {
                    self.note(&path, "its outputs were never compared with those of a reference".into());
                }
                for one in &evidence.evaluations {
                    let named: Vec<&DatasetFacts> =
                        facts.datasets.iter().filter(|set| set.name == one.dataset).collect();
                    if !named.iter().any(|set| set.sha256 == one.dataset_sha256) {
                        let why = if named.is_empty() {
                            "which is not declared"
                        } else {
                            "which is declared with another sha256"
                        };
                        self.note(
                            &path,
                            format!("{} was measured on `{}`, {why}: it does not count", one.metric, one.dataset),
                        );
                    }
                }
            }
        }
    }

    fn dataset(&mut self, set: &DatasetFacts, catalog: &Catalog) -> Result<(), Error> {
        let Some(path) = set.files.iter().find(|path| catalog.world().size(path).is_ok()) else {
            if let Some(first) = set.files.first() {
                self.note(first, format!("the file of the data set `{}` is not at hand", set.name));
            }
            return Ok(());
        };
        let bytes = catalog.world().read(path).map_err(|error| Error::unread(path, &error))?;
        let is = mu_onnx::sha256(&bytes);
        if is != set.sha256 {
            self.fault(path, format!("it is not the data set `{}`: its sha256 is {is}", set.name));
        }
        Ok(())
    }

    /// The index, where there is one, must be to the byte what the catalog makes.
    fn index(&mut self, catalog: &Catalog, facts: &Catalogued) -> Result<(), Error> {
        let bytes = match catalog.world().read(mu_index::PATH) {
            Err(WorldError::NotFound) => return Ok(()),
            Err(error) => return Err(Error::unread(mu_index::PATH, &error)),
            Ok(bytes) => bytes,
        };
        match Index::open(bytes.as_slice()).and_then(|index| index.verify()) {
            Err(error) => self.fault(mu_index::PATH, error.to_string()),
            Ok(()) if index::make(catalog, facts)?.bytes != bytes => {
                self.fault(mu_index::PATH, "it is older than the catalog: `mulc models index` makes it anew".into());
            }
            Ok(()) => {}
        }
        Ok(())
    }
}
