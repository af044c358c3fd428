//! Makes bundles by hand and runs `bootstrap` on them.

use mu_format::bundle::{self, File};
use mu_format::ir::Program;
use mu_format::{plan, text};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/digits")
}

pub fn picture(name: &str) -> PathBuf {
    digits().join("pictures").join(name)
}

/// A fresh folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(folder.join("models")).unwrap();
    folder
}

/// The bundle of `digits.ir` with the real model, in a fresh folder.
pub fn digit_bundle(name: &str) -> PathBuf {
    let model = std::fs::read(digits().join("models/kcnn-32.onnx")).unwrap();
    let source = include_str!("digits.ir").replace("SHA256", &bundle::sha256(&model));
    bundle_of(name, &text::parse(&source).unwrap(), &[model])
}

pub fn bundle_of(name: &str, program: &Program, models: &[Vec<u8>]) -> PathBuf {
    let folder = folder(name);
    let mut contents = vec![(bundle::PLAN.to_string(), plan::encode(program).unwrap())];
    contents.extend(models.iter().map(|model| (bundle::model_path(&bundle::sha256(model)), model.clone())));
    let mut files = Vec::new();
    for (path, bytes) in &contents {
        std::fs::write(folder.join(path), bytes).unwrap();
        files.push(File::of(path, bytes));
    }
    let manifest = bundle::manifest("0.0.0", "local", program, files, Vec::new());
    std::fs::write(folder.join(bundle::MANIFEST), manifest.to_json().unwrap()).unwrap();
    folder
}

pub fn bootstrap() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
    command.env_remove("AWS_LAMBDA_RUNTIME_API").env_remove("_HANDLER");
    command
}

pub fn call(bundle: &Path, args: &[&str]) -> Output {
    bootstrap().arg("--bundle").arg(bundle).arg("call").args(args).output().unwrap()
}

#[track_caller]
pub fn answer(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Ends the process when a test is over, however it ends.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Running {
        Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Sends SIGTERM and gives the exit status.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        self.0.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
