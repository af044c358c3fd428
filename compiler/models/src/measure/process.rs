//! One process of a measurement: the runtime that ships, started anew.

use super::group::Group;
use super::inputs::Inputs;
use crate::error::Error;
use mu_driver::{Compiled, Target};
use mu_format::bundle::BOOTSTRAP;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A bundle on the disk that is called again and again.
pub struct Bench {
    /// The function that is called.
    function: String,
    bundle: PathBuf,
    inputs: PathBuf,
}

/// How one process is run.
pub struct Run<'a> {
    /// How many calls follow the first one.
    pub calls: u64,
    /// The least pause before each call.
    pub spacing: Duration,
    pub group: Option<&'a Group>,
}

/// What a process saw, in nanoseconds and bytes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Seen {
    pub runtime: String,
    /// On the monotonic clock.
    pub ready: i64,
    pub first: i64,
    pub wall: Vec<i64>,
    pub cpu: Vec<i64>,
    pub memory: u64,
    /// From the start of the process until the models were loaded.
    #[serde(skip)]
    pub load: i64,
}

impl Bench {
    /// Writes the bundle of a program with one entry below `folder`, with the runtime that stands there already.
    pub fn new(folder: &Path, runtime: &Path, compiled: &Compiled, inputs: &Inputs) -> Result<Bench, Error> {
        let [entry] = compiled.program.entries.as_slice() else {
            return Err(Error::wrong(format!("`{}` has no single entry to measure", compiled.name)));
        };
        let place = folder.join(&entry.name);
        let bench =
            Bench { function: entry.name.clone(), bundle: place.join("bundle"), inputs: place.join("inputs.jsonl") };
        let failed = |error: io::Error| Error::outside(format!("cannot write to `{}`: {error}", place.display()));
        let bytes = fs::read(runtime).map_err(failed)?;
        let outside = |error: mu_bundle::Error| Error::outside(error.to_string());
        let mut contents = mu_driver::bundle(compiled, Target::Local, bytes).map_err(Error::wrong)?;
        // As `mulc build` does: what cannot be frozen is measured from its ONNX file.
        if let Ok(frozen) = mu_bundle::freeze(&contents, BOOTSTRAP).map_err(outside)? {
            mu_driver::add_frozen(&mut contents, frozen).map_err(Error::wrong)?;
        }
        // All bundles share one file of the runtime, which is large.
        contents.remove(BOOTSTRAP);
        fs::create_dir_all(&place).map_err(failed)?;
        mu_bundle::folder(&bench.bundle, &contents).map_err(outside)?;
        fs::hard_link(runtime, bench.bundle.join(BOOTSTRAP)).map_err(failed)?;
        fs::write(&bench.inputs, &inputs.lines).map_err(failed)?;
        Ok(bench)
    }

    /// Runs one process to its end.
    pub fn run(&self, run: &Run) -> Result<Seen, Error> {
        let mut command = Command::new(self.bundle.join(BOOTSTRAP));
        command.args(["measure", &self.function, "--calls", &run.calls.to_string()]);
        command.arg("--inputs").arg(&self.inputs).args(["--spacing", &run.spacing.as_millis().to_string()]);
        if let Some(group) = run.group {
            command.arg("--group").arg(group.folder());
        }
        let start = clock_gettime(ClockId::Monotonic);
        let output = command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| Error::outside(format!("the runtime cannot be started: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim().trim_start_matches("error: ");
            return Err(Error::wrong(format!("`{}` cannot be measured: {said}", self.function)));
        }
        let seen: Seen = serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::wrong(format!("the runtime gave no measurement: {error}")))?;
        let load = seen.ready - (start.tv_sec * 1_000_000_000 + start.tv_nsec);
        Ok(Seen { load, ..seen })
    }
}
