//! What is to be added, as it lies on the disk: one file, or a folder as model hubs and MLflow write them.

use crate::error::Error;
use mu_onnx::Limits;
use mu_onnx::edit::Edit;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Descriptions beside a model are read up to this size, in bytes.
const LARGEST_TEXT: u64 = 1 << 20;
/// A `tokenizer.json` may have this many bytes.
const LARGEST_TOKENIZER: u64 = 64 << 20;

/// A model and what lies beside it.
pub struct Source {
    /// The ONNX file.
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub model: mu_onnx::Model,
    /// With all weights inside.
    pub edit: Edit,
    /// Files of weights by name, each with its sha256.
    pub external: BTreeMap<String, String>,
    /// Files beside the model, by name, where a folder is added: `README.md`, `config.json`, `preprocessor_config.json`, `MLmodel`.
    pub texts: BTreeMap<String, String>,
    pub tokenizer: Option<Vec<u8>>,
    /// Files that are there and cannot be read.
    pub warnings: Vec<String>,
}

/// Reads a file or folder.
pub fn read(path: &Path, limits: &Limits) -> Result<Source, Error> {
    let meta = fs::metadata(path).map_err(|error| gone(path, &error))?;
    let mut warnings = Vec::new();
    let mut texts = BTreeMap::new();
    let mut tokenizer = None;
    let file = if meta.is_dir() {
        for name in ["README.md", "config.json", "preprocessor_config.json", "MLmodel"] {
            if let Some(bytes) = beside(path, name, LARGEST_TEXT, &mut warnings) {
                match String::from_utf8(bytes) {
                    Ok(text) => drop(texts.insert(name.to_owned(), text)),
                    Err(_) => warnings.push(format!("`{name}` is not UTF-8 and is left out")),
                }
            }
        }
        tokenizer = beside(path, "tokenizer.json", LARGEST_TOKENIZER, &mut warnings);
        inside(path, texts.get("MLmodel").map(String::as_str))?
    } else {
        path.to_owned()
    };
    let bytes = whole(&file, limits.bytes)?;
    let refused = |error: mu_onnx::Error| {
        let help = error.help();
        Error::wrong(format!("`{}`: {error}", file.display())).help(help)
    };
    let model = mu_onnx::read(&bytes, limits).map_err(refused)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    model.check_external(|name| external(&folder, name).map(|(_, size)| size)).map_err(refused)?;
    let mut hashes = BTreeMap::new();
    let mut edit = Edit::open(&bytes, limits).map_err(refused)?;
    if !model.external.is_empty() {
        let mut left = limits.bytes;
        let read = |name: &str| {
            let (path, size) = external(&folder, name)?;
            left = left.checked_sub(size)?;
            let content = whole(&path, size).ok()?;
            hashes.insert(name.to_owned(), mu_onnx::sha256(&content));
            Some(content)
        };
        edit.inline(read).map_err(refused)?;
    }
    Ok(Source { path: file, bytes, model, edit, external: hashes, texts, tokenizer, warnings })
}

/// A file of weights beside the model, and its size. Symbolic links are followed: model hubs keep their caches so.
fn external(folder: &Path, name: &str) -> Option<(PathBuf, u64)> {
    let path = folder.join(name);
    let meta = fs::metadata(&path).ok().filter(|meta| meta.is_file())?;
    Some((path, meta.len()))
}

/// The ONNX file in a folder.
fn inside(folder: &Path, mlmodel: Option<&str>) -> Result<PathBuf, Error> {
    let named = mlmodel.and_then(super::mlflow::file).map(|name| folder.join(name));
    let usual = ["model.onnx", "onnx/model.onnx"].map(|name| folder.join(name));
    if let Some(found) = named.into_iter().chain(usual).find(|path| path.is_file()) {
        return Ok(found);
    }
    let mut found = Vec::new();
    for folder in [folder.to_owned(), folder.join("onnx")] {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|e| e == "onnx") && path.is_file()));
    }
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::wrong(format!("`{}` holds no `.onnx` file", folder.display()))
            .help("export the model to ONNX, for example with `optimum-cli export onnx`")),
        more => {
            let names: Vec<String> = more.iter().take(8).map(|path| format!("`{}`", path.display())).collect();
            Err(Error::wrong(format!("`{}` holds several models: {}", folder.display(), names.join(", ")))
                .help("name the one that is meant"))
        }
    }
}

fn beside(folder: &Path, name: &str, largest: u64, warnings: &mut Vec<String>) -> Option<Vec<u8>> {
    let path = folder.join(name);
    path.is_file().then_some(())?;
    whole(&path, largest).map_err(|error| warnings.push(format!("`{name}` is left out: {error}"))).ok()
}

/// The whole of a regular file, under a limit in bytes.
pub fn whole(path: &Path, largest: u64) -> Result<Vec<u8>, Error> {
    let meta = fs::metadata(path).map_err(|error| gone(path, &error))?;
    if !meta.is_file() {
        return Err(Error::wrong(format!("`{}` is not a regular file", path.display())));
    }
    if meta.len() > largest {
        let size = meta.len();
        return Err(Error::wrong(format!(
            "`{}` has {size} bytes, more than the {largest} that are read",
            path.display()
        )));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| gone(path, &error))?;
    file.take(largest).read_to_end(&mut bytes).map_err(|error| gone(path, &error))?;
    Ok(bytes)
}

fn gone(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("`{}` cannot be read: {error}", path.display());
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Error::wrong(message),
        _ => Error::outside(message),
    }
}
