//! A bundle: a folder with the runtime, the plan, the models, and `bundle.json`, which says what is inside.

use crate::VERSION;
use crate::ir::{Asset, Program};
use crate::plan;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// The runtime.
pub const BOOTSTRAP: &str = "bootstrap";
/// [`Manifest`].
pub const MANIFEST: &str = "bundle.json";
/// The program; see [`crate::plan`].
pub const PLAN: &str = "plan.bin";

/// The models' plans, ready to be mapped; see `mu-frozen`. A bundle may be without.
pub const FROZEN: &str = "models.frozen";

/// The program's machine code; see [`crate::native`]. A bundle may be without.
pub const NATIVE: &str = "native.bin";

/// Which models are inside, for people and tools: an ML-BOM in CycloneDX's JSON. The runtime does not read it.
pub const BOM: &str = "bom.cdx.json";

/// `models/<sha256>.onnx`
pub fn model_path(sha256: &str) -> String {
    format!("models/{sha256}.onnx")
}

/// `assets/<sha256>`
pub fn asset_path(sha256: &str) -> String {
    format!("assets/{sha256}")
}

/// In lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In lower-case hexadecimal.
pub fn xxh3(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

/// What `bundle.json` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`VERSION`] when it was written.
    pub format: u32,
    /// The version of the compiler.
    pub compiler: String,
    /// `local` or `lambda`.
    pub target: String,
    /// The processor that the runtime is for, as `deploy` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The functions that can be called.
    pub entries: Vec<String>,
    /// Every file but `bundle.json`, by path.
    pub files: Vec<File>,
    /// What was chosen for each slot.
    pub models: Vec<Choice>,
    /// What is logged of events on Lambda; where it is missing, [`Observe::default`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observe: Option<Observe>,
}

/// What a runtime on Lambda logs of the events it answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    /// CloudWatch's name for the metrics' own space.
    pub namespace: String,
    /// Which share of events is logged that were answered well and were not the first of their process: 0 to 1. The others are
    /// logged always.
    pub sample: f64,
}

impl Default for Observe {
    /// One event in a hundred: logs at full volume cost more than the calls.
    fn default() -> Observe {
        Observe { namespace: "MuLambda".into(), sample: 0.01 }
    }
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// With `/`, relative to the bundle.
    pub path: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// XXH3 of 64 bits, in lower-case hexadecimal: what a start checks. A sha256 of large weights would take longer than the rest of
    /// it. Since version 3.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub xxh3: String,
}

impl File {
    /// The description of a file with these bytes.
    pub fn of(path: impl Into<String>, bytes: &[u8]) -> File {
        File { path: path.into(), sha256: sha256(bytes), size: bytes.len() as u64, xxh3: xxh3(bytes) }
    }
}

/// Why a model is in the bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub slot: String,
    pub card: String,
    /// Of the model's file.
    pub sha256: String,
    /// For people and tools; the runtime does not read it.
    pub reasons: serde_json::Value,
}

impl Manifest {
    /// The text of `bundle.json`; the same manifest gives the same bytes.
    pub fn to_json(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n").map_err(|e| e.to_string())
    }

    /// Reads `bundle.json`, refusing versions newer than this build's with a message that says so.
    pub fn from_json(text: &str) -> Result<Manifest, String> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_str(text).map_err(|e| e.to_string())?;
        plan::supported(version.format)?;
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

/// Why a bundle cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleError {
    pub file: PathBuf,
    pub message: String,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.message)
    }
}

impl std::error::Error for BundleError {}

/// A bundle that is open: what every start needs is in memory and was checked, the models' files are read when they are asked for.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub manifest: Manifest,
    pub program: Program,
    /// The bytes of the program's assets, in the order of [`Program::assets`].
    pub assets: Vec<Arc<Vec<u8>>>,
    folder: PathBuf,
}

impl Bundle {
    /// Opens a bundle. The executable is not read: it is what does the reading. The program is decoded, not verified.
    pub fn open(folder: &Path) -> Result<Bundle, BundleError> {
        let path = folder.join(MANIFEST);
        let error = |message: String| BundleError { file: path.clone(), message };
        let text = std::fs::read_to_string(&path).map_err(|e| error(format!("{e}; {WAY_OUT}")))?;
        let manifest = Manifest::from_json(&text).map_err(|e| error(format!("{e}; {WAY_OUT}")))?;
        let mut bundle =
            Bundle { manifest, program: Program::default(), assets: Vec::new(), folder: folder.to_path_buf() };
        bundle.program = plan::decode(&bundle.file(PLAN)?.read()?)
            .map_err(|message| BundleError { file: folder.join(PLAN), message: format!("{message}; {WAY_OUT}") })?;
        let asset = |asset: &Asset| bundle.file(&asset_path(&asset.sha256))?.read().map(Arc::new);
        let assets = bundle.program.assets.iter().map(asset);
        bundle.assets = assets.collect::<Result<_, _>>()?;
        Ok(bundle)
    }

    /// A file of the bundle; the error says that it is not listed.
    pub fn file(&self, path: &str) -> Result<Stored, BundleError> {
        match self.manifest.files.iter().find(|file| file.path == path) {
            Some(file) => Ok(Stored { folder: self.folder.clone(), file: file.clone() }),
            None => Err(BundleError {
                file: self.folder.join(MANIFEST),
                message: format!("it does not list `{path}`, which is needed; {WAY_OUT}"),
            }),
        }
    }

    /// The models' files, in the order of [`Program::models`].
    pub fn models(&self) -> Result<Vec<Stored>, BundleError> {
        self.program.models.iter().map(|model| self.file(&model_path(&model.sha256))).collect()
    }
}

/// A listed file that was not read yet.
#[derive(Debug, Clone)]
pub struct Stored {
    folder: PathBuf,
    file: File,
}

impl Stored {
    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.file.path)
    }

    /// What its sha256 was when it was built, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.file.sha256
    }

    /// Its bytes, checked.
    pub fn read(&self) -> Result<Vec<u8>, BundleError> {
        read(&self.folder, &self.file)
    }
}

const WAY_OUT: &str = "rebuild the bundle with `mulc build`";

/// A listed file, checked.
fn read(folder: &Path, file: &File) -> Result<Vec<u8>, BundleError> {
    let path = folder.join(&file.path);
    let fail = |message: String| Err(BundleError { file: path.clone(), message: format!("{message}; {WAY_OUT}") });
    let inside = file.path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !file.path.contains('\\');
    if !inside {
        return fail("the path leads out of the bundle".into());
    }
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) => return fail(e.to_string()),
    };
    if bytes.len() as u64 != file.size {
        return fail(format!("it has {} bytes, not {} as when it was built", bytes.len(), file.size));
    }
    // Bundles of versions 1 and 2 have only the slower hash.
    let (kind, found, wanted) = match file.xxh3.is_empty() {
        true => ("sha256", sha256(&bytes), &file.sha256),
        false => ("checksum", xxh3(&bytes), &file.xxh3),
    };
    if found != *wanted {
        return fail(format!("its {kind} is {found}, not {wanted} as when it was built"));
    }
    Ok(bytes)
}

/// The manifest of a bundle with these files, which `VERSION` marks; files are put in order.
pub fn manifest(
    compiler: &str,
    target: &str,
    program: &Program,
    mut files: Vec<File>,
    models: Vec<Choice>,
) -> Manifest {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let entries = program.entries.iter().map(|entry| entry.name.clone()).collect();
    Manifest {
        format: VERSION,
        compiler: compiler.into(),
        target: target.into(),
        arch: None,
        entries,
        files,
        models,
        observe: None,
    }
}
