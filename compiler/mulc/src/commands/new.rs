//! `mulc new DIR`: a project that builds at once, with a model of 292 bytes.

use crate::failure::Failure;
use crate::output;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// The project's files. `{name}` stands for its name in those that are texts.
const FILES: &[(&str, &[u8])] = &[
    ("mu.toml", include_bytes!("../../template/mu.toml")),
    (".gitignore", include_bytes!("../../template/gitignore")),
    ("README.md", include_bytes!("../../template/README.md")),
    ("src/main.mu", include_bytes!("../../template/src/main.mu")),
    ("models/iris.mu", include_bytes!("../../template/models/iris.mu")),
    ("models/iris_logreg.mu", include_bytes!("../../template/models/iris_logreg.mu")),
    ("models/iris-logreg.onnx", include_bytes!("../../template/models/iris-logreg.onnx")),
    ("models/iris-holdout.npz", include_bytes!("../../template/models/iris-holdout.npz")),
];

/// Names are parts of file names, of function names on Lambda and of TOML texts.
const NAME_RULE: &str = "a name has 1 to 64 of a-z, A-Z, 0-9, `-` and `_`";

pub fn run(dir: &Path) -> Result<ExitCode, Failure> {
    let name = name_of(dir)?;
    refuse_full(dir)?;
    for (path, bytes) in FILES {
        let path = dir.join(path);
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) => text.replace("{name}", &name).into_bytes(),
            Err(_) => bytes.to_vec(),
        };
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, bytes)
        };
        write().map_err(|error| {
            Failure::outside(format!("cannot write `{}`: {error}", path.display()))
                .help("name a place that may be written; what was made so far may be removed")
        })?;
    }
    output::aside(&format!("made the project `{name}`; try `mulc test {}`\n", dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// The last part of the folder's path; of `.`, the name of the folder one stands in.
fn name_of(dir: &Path) -> Result<String, Failure> {
    let full = match dir.canonicalize() {
        Ok(full) => full,
        Err(_) => dir.to_path_buf(),
    };
    let name = full.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    match fits {
        true => Ok(name.to_owned()),
        false => Err(Failure::request(format!("`{name}` cannot be a project's name")).help(NAME_RULE)),
    }
}

fn refuse_full(dir: &Path) -> Result<(), Failure> {
    let full = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Failure::outside(format!("cannot read `{}`: {error}", dir.display()))),
    };
    match full {
        true => Err(Failure::request(format!("`{}` is not empty", dir.display()))
            .help("name a folder that does not exist or is empty")),
        false => Ok(()),
    }
}
