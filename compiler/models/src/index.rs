//! The catalog's index: made from cards and evidence, and used where it still says what they say.
//!
//! A file counts as unchanged where it has the size that the index states and was not modified since the index was written, as
//! `make` does it; where it was modified since, its sha256 decides. So an index is fresh after a clone, too. What keeps an old
//! date of modification over other bytes of the same size is found by `mulc models verify`.

use crate::catalog::Catalog;
use crate::error::Error;
use mu_base::World;
use mu_driver::catalog::{CardFacts, Catalogued, ClaimFacts, Stated};
use mu_evidence::{Evidence, Interval, Profile, Store, Through, stats};
use mu_index::{Aspect, Basis, CardEntry, Content, DataSet, FileEntry, Index, Key, Measure};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::SystemTime;

/// What an index notes of a card.
pub mod note {
    /// Its model's file is not at hand.
    pub const NO_FILE: u32 = 1;
    /// Its outputs were never compared with a reference.
    pub const NO_GATE: u32 = 2;
    /// Its evidence cannot be used.
    pub const BAD_EVIDENCE: u32 = 4;
    /// Its evidence is of another file.
    pub const OTHER_FILE: u32 = 8;
    /// A metric was measured on data that the catalog does not declare so.
    pub const OTHER_DATA: u32 = 16;
}

/// The size of a file that is not there.
const ABSENT: u64 = u64::MAX;

/// Bytes of an index, and what it could not hold.
pub(crate) struct Made {
    pub bytes: Vec<u8>,
    pub cards: usize,
    /// The cards with errors.
    pub wrong: Vec<String>,
}

/// An index that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Written {
    /// From the project's folder.
    pub path: String,
    pub bytes: u64,
    pub cards: usize,
    /// The cards with errors, which it leaves out.
    pub left_out: Vec<String>,
}

/// Writes the index of a catalog.
pub fn write_index(catalog: &Catalog) -> Result<Written, Error> {
    let made = make(catalog, &facts(catalog)?)?;
    catalog.write(mu_index::PATH, &made.bytes)?;
    let (path, bytes) = (mu_index::PATH.to_owned(), made.bytes.len() as u64);
    Ok(Written { path, bytes, cards: made.cards, left_out: made.wrong })
}

/// What the catalog states.
pub(crate) fn facts(catalog: &Catalog) -> Result<Catalogued, Error> {
    let report = mu_driver::catalog::catalog(&catalog.input());
    match (report.value, report.internal) {
        (Some(facts), None) => Ok(facts),
        (_, fault) => Err(Error::wrong(format!("the catalog cannot be read: {}", fault.unwrap_or_default()))),
    }
}

/// The index of the catalog as it is now.
pub(crate) fn make(catalog: &Catalog, facts: &Catalogued) -> Result<Made, Error> {
    let store = Store::read(catalog.world(), &facts.folder);
    let mut files = Files::new(catalog.world());
    files.add("mu.toml")?;
    facts.sources.iter().try_for_each(|path| files.add(path))?;
    let evidence = catalog.world().list(&mu_evidence::store::folder(&facts.folder));
    evidence.iter().filter(|path| path.ends_with(".toml")).try_for_each(|path| files.add(path))?;
    for card in &facts.cards {
        card.files.iter().try_for_each(|file| files.add_model(file, card.stated.as_ref()))?;
    }
    let mut content = Content {
        made_by: crate::gate::runtime(),
        platform: store.local(facts.platform.as_deref(), |_| true).map(|platform| platform.name.clone()),
        ..Content::default()
    };
    let mut wrong = Vec::new();
    for card in &facts.cards {
        let Some(stated) = &card.stated else {
            wrong.push(card.name.clone());
            continue;
        };
        let measures = stated.measures.iter().map(|(path, m)| {
            let measure = Measure {
                base: m.base.clone(),
                factor: m.unit.factor,
                suffix: m.unit.suffix.clone(),
                higher: m.higher,
            };
            (path.clone(), measure)
        });
        content.measures.entry(stated.task.clone()).or_insert_with(|| measures.collect());
        content.cards.push(entry(card, stated, &store, facts, &files));
    }
    content.files = files.rows;
    let cards = content.cards.len();
    let bytes = mu_index::build(&content).map_err(|error| Error::wrong(error.to_string()))?;
    Ok(Made { bytes, cards, wrong })
}

/// A card as the index holds it.
fn entry(card: &CardFacts, stated: &Stated, store: &Store, facts: &Catalogued, files: &Files) -> CardEntry {
    let path = format!("{}/{}.toml", mu_evidence::store::folder(&facts.folder), card.name);
    let mut notes = 0;
    let mut note = |bit: u32, holds: bool| notes |= if holds { bit } else { 0 };
    let evidence = store.of(&card.name, &stated.sha256);
    note(note::NO_FILE, stated.path.is_none());
    note(note::NO_GATE, evidence.is_none_or(|evidence| evidence.gate.is_none()));
    note(note::BAD_EVIDENCE, store.faults.iter().any(|fault| fault.path == path));
    note(note::OTHER_FILE, evidence.is_none() && store.any(&card.name).is_some());
    let mut values = Values::default();
    for (path, value) in &stated.traits {
        values.add(path, Basis::File, *value, None, None);
    }
    for claim in &stated.claims {
        let basis = Basis::Claimed { dataset: claim.dataset.clone() };
        values.add(&claim.path, basis, claim.value, claimed_interval(claim), claim.samples);
    }
    let declared = |name: &str, sha256: &str| {
        let mut of_name = facts.datasets.iter().filter(|set| set.name == name).peekable();
        of_name.peek().is_none() || of_name.any(|set| set.sha256 == sha256)
    };
    for one in evidence.iter().flat_map(|evidence| &evidence.evaluations).filter(|e| e.through == Through::Adapter) {
        match declared(&one.dataset, &one.dataset_sha256) {
            true => {
                let dataset = DataSet { name: one.dataset.clone(), sha256: one.dataset_sha256.clone() };
                let basis = Basis::Measured { dataset };
                values.add(&one.metric, basis, one.value, Some(one.interval), Some(one.samples));
            }
            false => note(note::OTHER_DATA, true),
        }
    }
    evidence.iter().flat_map(|evidence| &evidence.profiles).for_each(|profile| values.profile(profile));
    CardEntry {
        name: card.name.clone(),
        task: stated.task.clone(),
        license: stated.license.clone(),
        file: files.number(&card.source).unwrap_or(0),
        evidence: files.number(&path),
        notes,
        values: values.0,
    }
}

/// The interval that as many right answers would have.
pub(crate) fn claimed_interval(claim: &ClaimFacts) -> Option<Interval> {
    let samples = claim.samples.filter(|_| claim.dataset.is_some() && (0.0..=1.0).contains(&claim.value))?;
    Some(stats::wilson((claim.value * samples as f64).round() as u64, samples))
}

#[derive(Default)]
struct Values(Vec<(Key, f64)>);

impl Values {
    fn add(&mut self, path: &str, basis: Basis, value: f64, interval: Option<Interval>, samples: Option<u64>) {
        let mut set = |aspect, value| {
            self.0.push((Key { path: path.to_owned(), basis: basis.clone(), aspect }, value));
        };
        set(Aspect::Value, value);
        if let Some(interval) = interval {
            set(Aspect::Low, interval.low);
            set(Aspect::High, interval.high);
        }
        if let Some(samples) = samples {
            set(Aspect::Samples, samples as f64);
        }
    }

    fn profile(&mut self, profile: &Profile) {
        let share = (profile.share * 1e6).round() as u64;
        let basis = || Basis::Profile { platform: profile.platform.name.clone(), share };
        let latency = profile.latency;
        let calls = Some(profile.calls);
        self.add("latency.mean", basis(), latency.mean, None, calls);
        for (path, quantile) in [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99)] {
            let interval = Interval { low: quantile.low, high: quantile.high };
            self.add(&format!("latency.{path}"), basis(), quantile.value, Some(interval), calls);
        }
        self.add("memory", basis(), profile.memory as f64, None, calls);
    }
}

/// The files that an index rests on.
struct Files<'a> {
    world: &'a dyn World,
    rows: Vec<FileEntry>,
    numbers: BTreeMap<String, u32>,
}

impl<'a> Files<'a> {
    fn new(world: &'a dyn World) -> Files<'a> {
        Files { world, rows: Vec::new(), numbers: BTreeMap::new() }
    }

    fn number(&self, path: &str) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    fn add(&mut self, path: &str) -> Result<(), Error> {
        if self.numbers.contains_key(path) {
            return Ok(());
        }
        let bytes = self.world.read(path).map_err(|error| Error::unread(path, &error))?;
        self.row(path, bytes.len() as u64, digest(&mu_onnx::sha256(&bytes)));
        Ok(())
    }

    /// A place where a model's file is looked for. Its sha256 is the card's, which the check of the card held it against.
    fn add_model(&mut self, path: &str, stated: Option<&Stated>) -> Result<(), Error> {
        match (self.numbers.contains_key(path), self.world.size(path), stated) {
            (true, _, _) => {}
            (_, Ok(size), Some(stated)) if stated.path.as_deref() == Some(path) => {
                self.row(path, size, digest(&stated.sha256));
            }
            (_, Ok(_), _) => self.add(path)?,
            (_, Err(_), _) => self.row(path, ABSENT, [0; 32]),
        }
        Ok(())
    }

    fn row(&mut self, path: &str, size: u64, sha256: [u8; 32]) {
        self.numbers.insert(path.to_owned(), self.rows.len() as u32);
        self.rows.push(FileEntry { path: path.to_owned(), size, sha256 });
    }
}

/// Hexadecimal digits as bytes; zeros where they are none, which no file has.
fn digest(hex: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let digits = hex.get(2 * place..2 * place + 2).unwrap_or("0");
        *byte = u8::from_str_radix(digits, 16).unwrap_or(0);
    }
    bytes
}

/// The index of a catalog, if there is one that says what the catalog says now.
pub(crate) fn fresh(catalog: &Catalog) -> Option<Index<File>> {
    let path = catalog.folder().join(mu_index::PATH);
    let written = std::fs::metadata(&path).and_then(|meta| meta.modified()).ok()?;
    let index = Index::open(File::open(path).ok()?).ok()?;
    (index.made_by() == crate::gate::runtime() && is_current(catalog, &index, written)).then_some(index)
}

fn is_current(catalog: &Catalog, index: &Index<File>, written: SystemTime) -> bool {
    // A catalog that lies outside of the project is not searched for what is new in it.
    let Ok(rows) = index.all_files() else { return false };
    if rows.iter().any(|row| row.path.starts_with("..")) {
        return false;
    }
    let world = catalog.world();
    let stated: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    let folders: BTreeSet<&str> = rows.iter().filter_map(|row| row.path.split('/').next()).collect();
    let bears = |path: &str| path.ends_with(".mu") && !path.starts_with("src/") || path.contains("/evidence/");
    // What the catalog's folders hold beyond what is stated.
    let mut found = folders.iter().filter(|folder| **folder != "src").flat_map(|folder| world.list(folder));
    if found.any(|path| bears(&path) && !stated.contains(path.as_str())) {
        return false;
    }
    rows.iter().all(|row| match world.size(&row.path) {
        Err(_) => row.size == ABSENT,
        Ok(size) if size != row.size => false,
        Ok(_) => {
            let modified = std::fs::metadata(catalog.folder().join(&row.path)).and_then(|meta| meta.modified());
            let before = modified.is_ok_and(|modified| modified < written);
            before || world.read(&row.path).is_ok_and(|bytes| digest(&mu_onnx::sha256(&bytes)) == row.sha256)
        }
    })
}

/// Evidence of a card's file.
pub(crate) fn evidence_of<'s>(store: &'s Store, card: &CardFacts) -> Option<&'s Evidence> {
    store.of(&card.name, &card.stated.as_ref()?.sha256)
}
