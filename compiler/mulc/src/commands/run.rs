//! `mulc run`: builds for this machine and calls a function once, in the very runtime that ships.

use super::fetch::{Needed, fetch};
use super::{Program, internal_fault, wrong};
use crate::cli::Lock;
use crate::failure::Failure;
use crate::locate::is_path;
use crate::progress::Progress;
use crate::render::Format;
use crate::runtime;
use mu_bundle::Contents;
use mu_driver::{Compiled, Entry, Options, Target};
use mu_format::bundle::BOOTSTRAP;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The program and the function that are asked for.
pub struct Request {
    path: Option<PathBuf>,
    function: Option<String>,
    call: Call,
}

/// What a call is given.
pub struct Call {
    pub inputs: Vec<String>,
    /// The weights, where requests choose the model.
    pub prefer: Option<String>,
}

impl Request {
    /// Of the two optional words, a lone one is the function unless it names a program.
    pub fn new(first: Option<String>, second: Option<String>, call: Call) -> Request {
        match (first, second) {
            (Some(word), None) if !is_path(&word) => Request { path: None, function: Some(word), call },
            (first, function) => Request { path: first.map(PathBuf::from), function, call },
        }
    }
}

pub fn run(request: &Request, lock: Lock, format: Format) -> Result<ExitCode, Failure> {
    let program = Program::open(request.path.as_deref(), format)?;
    let entry = request.function.as_deref().map_or(Entry::All, Entry::Function);
    fetch(&program, entry, Needed::Build, lock)?;
    let progress = Progress::start("compiling");
    let report = mu_driver::compile(&program.input(), entry, &Options { locked: lock.locked });
    drop(progress);
    let Some(compiled) = program.answer(report)? else { return Ok(wrong()) };
    let function = match &request.function {
        Some(function) => function.clone(),
        None => only_entry(&compiled)?,
    };
    let contents = mu_driver::bundle(&compiled, Target::Local, runtime::read()?).map_err(|e| internal_fault(&e))?;
    program.try_lock(compiled.lock.as_ref());
    // A folder a function: a call that is under way keeps its bundle while another function is called.
    let folder = program.place.made().join("run").join(&function);
    if stands(&folder, &contents) {
        return call(&folder, &function, &request.call);
    }
    let progress = Progress::start("writing the bundle");
    if mu_bundle::folder(&folder, &contents).is_ok() {
        drop(progress);
        return call(&folder, &function, &request.call);
    }
    // The project may be one that is only read.
    let failed = |error| Failure::outside(format!("cannot make a temporary folder: {error}"));
    let temporary = tempfile::Builder::new().prefix("mulc-run-").tempdir().map_err(failed)?;
    let folder = temporary.path().join("bundle");
    mu_bundle::folder(&folder, &contents)?;
    drop(progress);
    call(&folder, &function, &request.call)
}

fn only_entry(compiled: &Compiled) -> Result<String, Failure> {
    let names: Vec<&str> = compiled.program.entries.iter().map(|entry| entry.name.as_str()).collect();
    match names.as_slice() {
        [name] => Ok((*name).to_owned()),
        [] => Err(Failure::request("the program deploys no function").help("name the function to call")),
        many => Err(Failure::request("the program has several functions to call")
            .help(format!("name one: {}", many.join(", ")))),
    }
}

/// Whether this very bundle stands in the folder, to the byte.
fn stands(folder: &Path, contents: &Contents) -> bool {
    let has = |(path, file): (&String, &mu_bundle::File)| {
        let path = folder.join(path);
        let long_enough = fs::metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() == file.bytes.len() as u64);
        long_enough && fs::read(&path).is_ok_and(|bytes| bytes.as_slice() == file.bytes.as_ref())
    };
    contents.iter().all(has)
}

fn call(bundle: &Path, function: &str, given: &Call) -> Result<ExitCode, Failure> {
    let bootstrap = bundle.join(BOOTSTRAP);
    let mut command = Command::new(&bootstrap);
    command.args(["call", function]).arg("--bundle").arg(bundle);
    for input in &given.inputs {
        command.arg("--input").arg(input);
    }
    if let Some(weights) = &given.prefer {
        // In one word, so that a negative weight is no option.
        command.arg(format!("--prefer={weights}"));
    }
    let status =
        command.status().map_err(|error| Failure::outside(format!("cannot run `{}`: {error}", bootstrap.display())))?;
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => Ok(ExitCode::from(code)),
        None => Err(Failure::outside(format!("the runtime was ended: {status}"))),
    }
}
