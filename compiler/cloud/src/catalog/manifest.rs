//! The manifest of a revision: the catalog's files with their hashes and sizes. Its own sha256 is the revision's name.
//!
//! What comes from a store is held against every rule here before anything is written.

use crate::error::{Error, clean};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format that is written; newer ones are refused.
const VERSION: u32 = 1;
/// The largest manifest that is read, in bytes.
pub(crate) const LARGEST: u64 = 256 << 20;
/// The largest file of a catalog, in bytes: what S3 takes as one object.
const LARGEST_FILE: u64 = 5 << 40;

/// A state of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    /// By path.
    pub files: Vec<Entry>,
}

/// A file that a catalog is read from: cards, evidence, lists of labels. Small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From the catalog's folder, with `/`.
    pub path: String,
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// The models that it is about; none where it is about all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The files that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
}

/// A file that a card names: weights and data sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub path: String,
    pub sha256: String,
    pub size: u64,
    pub kind: NeedKind,
    /// The model whose file it is; none for data sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeedKind {
    Weights,
    Data,
}

impl Manifest {
    /// Of these files, in any order.
    pub fn new(mut files: Vec<Entry>) -> Manifest {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Manifest { version: VERSION, files }
    }

    /// The text and its revision.
    pub fn to_text(&self) -> Result<(String, String), Error> {
        let text = serde_json::to_string(self)
            .map_err(|error| Error::request(format!("the catalog cannot be written down: {error}"), "report this"))?;
        let revision = hash_of(text.as_bytes());
        Ok((text, revision))
    }

    /// Reads what a store gave as the revision. Refuses what is not that revision, and every name that is no plain path
    /// inside the catalog.
    pub fn parse(bytes: &[u8], revision: &str) -> Result<Manifest, Error> {
        if hash_of(bytes) != revision {
            return Err(broken("its content is not what its name says"));
        }
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let wrong =
            |error: serde_json::Error| broken(&format!("it is not as mulc writes it: {}", clean(&error.to_string())));
        let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
        if head.version > VERSION {
            let message = format!("the store's catalog has version {}, newer than version {VERSION}", head.version);
            return Err(Error::request(message, "update mulc"));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(wrong)?;
        manifest.check().map_err(|why| broken(&why))?;
        Ok(manifest)
    }

    /// Holds paths, hashes and sizes against what they can be; the error says what cannot.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut hashes: BTreeMap<&str, &str> = BTreeMap::new();
        for entry in &self.files {
            if !is_read(&entry.path) {
                let shown = clean(&entry.path);
                return Err(format!("`{shown}` is no file that a catalog is read from"));
            }
            if hashes.insert(&entry.path, &entry.sha256).is_some() {
                return Err(format!("`{}` stands in it twice", clean(&entry.path)));
            }
        }
        let entries = self.files.iter().map(|e| (&e.path, &e.sha256, e.size));
        let needs = self.needs().map(|n| (&n.path, &n.sha256, n.size));
        for (path, sha256, size) in entries.chain(needs) {
            let shown = clean(path);
            if !is_plain(path) {
                return Err(format!("`{shown}` is no plain path inside a catalog"));
            }
            if !is_hash(sha256) || size > LARGEST_FILE {
                return Err(format!("the hash or the size of `{shown}` cannot be"));
            }
            if hashes.insert(path, sha256).is_some_and(|other| other != sha256) {
                return Err(format!("`{shown}` stands in it with two contents"));
            }
        }
        let folders: BTreeSet<&str> = hashes.keys().flat_map(|path| parents(path)).collect();
        match hashes.keys().find(|path| folders.contains(*path)) {
            Some(path) => Err(format!("`{}` is a file and a folder in it", clean(path))),
            None => Ok(()),
        }
    }

    /// The files that the entries name.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.files.iter().flat_map(|entry| &entry.needs)
    }

    /// The names of all models, in order.
    pub fn models(&self) -> BTreeSet<&str> {
        self.files.iter().flat_map(|entry| &entry.models).map(String::as_str).collect()
    }
}

impl Entry {
    /// Whether it is about one of these models, or about all; all where none is named.
    pub(crate) fn is_about(&self, models: &[String]) -> bool {
        models.is_empty() || self.models.is_empty() || self.models.iter().any(|model| models.contains(model))
    }
}

impl Need {
    pub(crate) fn is_about(&self, models: &[String]) -> bool {
        models.is_empty() || self.model.as_ref().is_none_or(|model| models.contains(model))
    }
}

fn broken(why: &str) -> Error {
    let help = "somebody else than mulc wrote there: push the catalog again to another prefix";
    Error::request(format!("the store's catalog is refused: {why}"), help)
}

/// Whether a catalog is read from such a file: anything else that a store brings could be a trap.
pub fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "mu" | "toml" | "json" | "csv" | "txt" | "md") && name != "mu.toml"
}

/// Whether a path stays below its folder and names no hidden place.
pub(crate) fn is_plain(path: &str) -> bool {
    let part = |part: &str| {
        let first_to_last = !part.is_empty() && part.len() <= 255 && !part.starts_with('.') && !part.ends_with(' ');
        first_to_last && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    path.len() <= 1024 && path.split('/').all(part)
}

/// The folders above a path.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The sha256 in lower-case hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn entry(path: &str, content: &str) -> Entry {
        Entry {
            path: path.into(),
            sha256: hash_of(content.as_bytes()),
            size: content.len() as u64,
            models: Vec::new(),
            needs: Vec::new(),
        }
    }

    fn parse(text: &str) -> Result<Manifest, Error> {
        Manifest::parse(text.as_bytes(), &hash_of(text.as_bytes()))
    }

    #[test]
    fn a_manifest_is_read_back_under_its_own_hash_only() {
        let need = Need {
            path: "w/a.onnx".into(),
            sha256: hash_of(b"w"),
            size: 1,
            kind: NeedKind::Weights,
            model: Some("a".into()),
        };
        let card = Entry { models: vec!["a".into()], needs: vec![need], ..entry("a.mu", "card") };
        let manifest = Manifest::new(vec![entry("z.mu", "z"), card]);
        let (text, revision) = manifest.to_text().unwrap();
        assert_eq!(Manifest::parse(text.as_bytes(), &revision), Ok(manifest.clone()));
        assert!(Manifest::parse(text.replace("z.mu", "y.mu").as_bytes(), &revision).is_err());
        assert_eq!(manifest.files[0].path, "a.mu");
        let newer = text.replace("\"version\":1", "\"version\":2");
        assert!(parse(&newer).unwrap_err().message.contains("newer"));
    }

    #[test]
    fn names_that_leave_the_catalog_or_hide_are_refused() {
        let names = [
            "../x.mu",
            "a/../x.mu",
            "/x.mu",
            "a//x.mu",
            "./x.mu",
            ".git/x.mu",
            "a/.x.mu",
            "a\\x.mu",
            "c:x.mu",
            "x\n.mu",
            "x\u{0}.mu",
            "",
            "x",
            "x.sh",
            "mu.toml",
            "a/mu.toml",
            "x.mu/",
            "x.mu ",
        ];
        for name in names {
            let text = Manifest::new(vec![entry(name, "")]).to_text().unwrap().0;
            assert!(parse(&text).is_err(), "{name:?}");
        }
        for name in ["../x.onnx", "/etc/passwd", "a/../../x", ".mulc/x", "a\\..\\x"] {
            let need = Need { path: name.into(), sha256: hash_of(b""), size: 0, kind: NeedKind::Data, model: None };
            let text = Manifest::new(vec![Entry { needs: vec![need], ..entry("a.mu", "") }]).to_text().unwrap().0;
            assert!(parse(&text).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let need = |path: &str, content: &str| Need {
            path: path.into(),
            sha256: hash_of(content.as_bytes()),
            size: 1,
            kind: NeedKind::Weights,
            model: None,
        };
        let with = |needs: Vec<Need>| Manifest::new(vec![Entry { needs, ..entry("a.mu", "card") }]);
        assert!(with(vec![need("x.onnx", "1"), need("x.onnx", "1")]).check().is_ok());
        assert!(with(vec![need("x.onnx", "1"), need("x.onnx", "2")]).check().is_err());
        assert!(with(vec![need("x", "1"), need("x/y", "1")]).check().is_err());
        assert!(with(vec![need("a.mu", "other")]).check().is_err());
        assert!(Manifest::new(vec![entry("a.mu", "1"), entry("a.mu", "1")]).check().is_err());
        let odd = Entry { sha256: "00".into(), ..entry("a.mu", "1") };
        assert!(Manifest::new(vec![odd]).check().is_err());
        assert!(parse("{}").is_err() && parse("[").is_err() && parse("").is_err());
    }
}
