//! All evidence of a project, read through its [`World`]. What cannot be trusted is left out and said: a model without evidence
//! counts as unmeasured, which is safe.

use crate::calibration::Calibration;
use crate::file::FileError;
use crate::record::{Evidence, Platform, Profile};
use mu_base::{World, WorldError};
use std::collections::BTreeMap;
use std::ops::Range;

/// The evidence of a project, by card.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Store {
    known: BTreeMap<String, Entry>,
    /// By the platform's name.
    calibrations: BTreeMap<String, Calibration>,
    /// The files that were left out, by path.
    pub faults: Vec<Fault>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    evidence: Evidence,
    text: String,
}

/// A file of evidence that does not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// From the project's folder.
    pub path: String,
    /// What it holds; empty where it could not be read.
    pub text: String,
    pub reason: Reason,
}

/// Why a file of evidence does not count.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It could not be read.
    Unreadable(WorldError),
    /// It is no evidence, or was changed by hand.
    File(FileError),
    /// It speaks of another card or platform than its name says: a copy, or a second file for one card.
    OtherName(String),
}

impl Fault {
    /// The bytes of the file that the fault is about, where it is about a part.
    pub fn at(&self) -> Option<Range<usize>> {
        match &self.reason {
            Reason::File(FileError::Malformed { at, .. }) => at.clone(),
            _ => None,
        }
    }

    /// What is wrong, in words.
    pub fn message(&self) -> String {
        match &self.reason {
            Reason::Unreadable(error) => error.to_string(),
            Reason::File(error) => error.to_string(),
            Reason::OtherName(name) => format!("it speaks of `{name}`, not of what it is named after"),
        }
    }
}

impl Store {
    /// Reads the evidence of the catalog in the folder `catalog`, from the project's folder: `models`. It never fails.
    pub fn read(world: &dyn World, catalog: &str) -> Store {
        let mut store = Store::default();
        let mut read = |folder: &str, kept: &mut dyn FnMut(&str, &str) -> Result<(), Reason>| {
            for path in world.list(folder) {
                let name = path.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
                let Some(name) = name.and_then(|name| name.strip_suffix(".toml")) else { continue };
                let text = world.read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                let (text, fault) = match text {
                    Ok(text) => {
                        let fault = kept(name, &text).err();
                        (text, fault)
                    }
                    Err(error) => (String::new(), Some(Reason::Unreadable(error))),
                };
                store.faults.extend(fault.map(|reason| Fault { path, text, reason }));
            }
        };
        let mut known = BTreeMap::new();
        read(&folder(catalog), &mut |name, text| {
            let evidence = Evidence::parse(text).map_err(Reason::File)?;
            if evidence.model != name {
                return Err(Reason::OtherName(evidence.model));
            }
            known.insert(name.to_owned(), Entry { evidence, text: text.to_owned() });
            Ok(())
        });
        let mut calibrations = BTreeMap::new();
        read(&format!("{catalog}/platforms"), &mut |name, text| {
            let calibration = Calibration::parse(text).map_err(Reason::File)?;
            if calibration.platform.name != name {
                return Err(Reason::OtherName(calibration.platform.name));
            }
            calibrations.insert(name.to_owned(), calibration);
            Ok(())
        });
        Store { known, calibrations, ..store }
    }

    /// What was measured of Lambda on a processor (`x86_64`) against what is predicted for it.
    pub fn calibration(&self, arch: &str) -> Option<&Calibration> {
        self.calibrations.get(&format!("lambda-{arch}"))
    }

    /// What was measured of a card, if it was measured of the file with this sha256.
    pub fn of(&self, card: &str, sha256: &str) -> Option<&Evidence> {
        self.any(card).filter(|evidence| evidence.sha256 == sha256)
    }

    /// What was measured under a card's name, be it of the card's file or of one that was there before.
    pub fn any(&self, card: &str) -> Option<&Evidence> {
        self.known.get(card).map(|entry| &entry.evidence)
    }

    /// The text of a card's file of evidence, which the revision of a catalog is made of; empty where there is none.
    pub fn text(&self, card: &str) -> &str {
        self.known.get(card).map_or("", |entry| &entry.text)
    }

    /// The cards with evidence, in byte order.
    pub fn cards(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// The platform that stands for this machine: the one called `named`, or else the only one, or else the one measured last
    /// (of equal dates the last name). Only platforms for which `counts` holds are looked at.
    pub fn local(&self, named: Option<&str>, counts: impl Fn(&Platform) -> bool) -> Option<&Platform> {
        let profiles = self.known.values().flat_map(|entry| &entry.evidence.profiles);
        let counting = profiles.filter(|profile| counts(&profile.platform));
        match named {
            Some(name) => counting.map(|profile| &profile.platform).find(|platform| platform.name == name),
            None => {
                let last = counting.max_by(|a, b| (&a.date, &a.platform.name).cmp(&(&b.date, &b.platform.name)));
                last.map(|profile| &profile.platform)
            }
        }
    }
}

impl FromIterator<Evidence> for Store {
    /// Evidence that lies in no files.
    fn from_iter<T: IntoIterator<Item = Evidence>>(all: T) -> Store {
        let entry = |evidence: Evidence| (evidence.model.clone(), Entry { evidence, text: String::new() });
        Store { known: all.into_iter().map(entry).collect(), ..Store::default() }
    }
}

impl Evidence {
    /// The profile on a platform that says most about a whole processor: the one at a share of 1, else at the nearest one.
    pub fn profile(&self, platform: &str) -> Option<&Profile> {
        let far = |profile: &Profile| profile.share.ln().abs();
        let of = self.profiles.iter().filter(|profile| profile.platform.name == platform);
        of.min_by(|a, b| far(a).total_cmp(&far(b)))
    }
}

/// The folder of the evidence of a catalog.
pub fn folder(catalog: &str) -> String {
    format!("{catalog}/evidence")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files(BTreeMap<String, Vec<u8>>);

    impl World for Files {
        fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
            self.0.get(path).cloned().ok_or(WorldError::NotFound)
        }

        fn list(&self, folder: &str) -> Vec<String> {
            self.0.keys().filter(|path| path.starts_with(&format!("{folder}/"))).cloned().collect()
        }

        fn size(&self, path: &str) -> Result<u64, WorldError> {
            self.read(path).map(|bytes| bytes.len() as u64)
        }
    }

    fn evidence(model: &str) -> String {
        Evidence { model: model.into(), sha256: "aa".into(), ..Evidence::default() }.to_text().unwrap()
    }

    fn store(files: &[(&str, String)]) -> Store {
        let files = files.iter().map(|(path, text)| (format!("models/evidence/{path}"), text.clone().into_bytes()));
        Store::read(&Files(files.collect()), "models")
    }

    #[test]
    fn evidence_counts_for_the_file_it_was_measured_of() {
        let store = store(&[("a.toml", evidence("a"))]);
        assert_eq!(store.faults, []);
        assert!(store.of("a", "aa").is_some() && store.of("a", "bb").is_none() && store.any("a").is_some());
        assert!(store.of("b", "aa").is_none());
        assert_eq!((store.text("a"), store.text("b")), (evidence("a").as_str(), ""));
    }

    #[test]
    fn what_cannot_be_trusted_is_left_out_and_said() {
        let edited = evidence("b").replace("\"aa\"", "\"bb\"");
        let newer = evidence("d").replace("version = 1", "version = 7");
        let store = store(&[
            ("a.toml", evidence("other")),
            ("b.toml", edited),
            ("c.toml", "no toml at all".into()),
            ("d.toml", newer),
            ("deep/e.toml", evidence("e")),
            ("notes.txt", "not evidence".into()),
        ]);
        let said: Vec<String> =
            store.faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message())).collect();
        assert_eq!(store.cards().count(), 0);
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(said[0].contains("`other`") && said[1].contains("seal") && said[3].contains("version 7"), "{said:?}");
        assert!(store.faults[2].at().is_some());
    }
}
