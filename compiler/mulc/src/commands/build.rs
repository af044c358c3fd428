//! `mulc build`: writes the bundle, a folder for this machine or a zip for AWS Lambda.

use super::fetch::{Needed, fetch};
use super::{Program, internal_fault, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::runtime;
use crate::timings::Timings;
use mu_base::{Code, Diagnostic};
use mu_bundle::{Contents, NotFrozen};
use mu_driver::lambda::Lambda;
use mu_driver::{Compiled, Entry, Options, Setting, Stated, Target};
use mu_format::bundle::BOOTSTRAP;
use std::path::Path;
use std::process::ExitCode;

/// How a bundle is to be made.
pub struct Request<'a> {
    pub target: cli::Target,
    pub out: Option<&'a Path>,
    pub lock: cli::Lock,
    pub level: cli::Level,
    /// Say how long each stage took.
    pub timings: bool,
    pub freeze: bool,
}

pub fn run(asked: &cli::Program, request: &Request) -> Result<ExitCode, Failure> {
    let Request { target, out, lock, .. } = *request;
    let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
    let mut timings = Timings::default();
    timings.begin("fetch");
    fetch(&program, Entry::All, Needed::Build, lock)?;
    let progress = Progress::start("compiling");
    let options = Options { locked: lock.locked };
    let report = mu_driver::compile_in(&program.input(), Entry::All, &options, &mut |pass| timings.begin(pass));
    drop(progress);
    let sources = report.sources.clone();
    let Some(compiled) = program.answer(report)? else { return Ok(wrong()) };
    let bootstrap = runtime::read()?;
    if target == cli::Target::Lambda {
        same_arch(&compiled, &bootstrap)?;
    }
    let progress = Progress::start("writing the bundle");
    let out = match (out, target) {
        (Some(out), _) => out.to_path_buf(),
        (None, cli::Target::Local) => program.place.made().join("bundle"),
        (None, cli::Target::Lambda) => program.place.made().join(format!("{}.zip", compiled.name)),
    };
    let made = match target {
        cli::Target::Local => Target::Local,
        cli::Target::Lambda => Target::Lambda,
    };
    let contents =
        mu_driver::bundle_in(&compiled, made, bootstrap, request.level.into(), &mut |pass| timings.begin(pass));
    let mut contents = contents.map_err(|e| internal_fault(&e))?;
    if request.freeze && !compiled.models.is_empty() {
        timings.begin("freeze");
        freeze(&mut contents)?;
    }
    let limits = Lambda::get().map_err(|error| internal_fault(&error))?;
    let show = |said: Diagnostic| output::aside(&program.render(&sources, &[said]));
    if target == cli::Target::Lambda
        && let Some(error) = too_large(&compiled, &contents, limits)
    {
        drop(progress);
        show(error);
        return Ok(wrong());
    }
    timings.begin("write");
    // First the lock: no bundle is to stand that it does not speak of.
    program.write_lock(compiled.lock.as_ref())?;
    let said = match target {
        cli::Target::Local => {
            mu_bundle::folder(&out, &contents)?;
            None
        }
        cli::Target::Lambda => large(mu_bundle::zip(&out, &contents)?, limits),
    };
    drop(progress);
    said.into_iter().for_each(show);
    if request.timings {
        output::aside(&timings.table());
    }
    output::answer(&format!("{}\n", out.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Freezes the models. Why some cannot be is said; they go as they are.
pub(super) fn freeze(contents: &mut Contents) -> Result<(), Failure> {
    match mu_bundle::freeze(contents, BOOTSTRAP)? {
        Ok(frozen) => mu_driver::add_frozen(contents, frozen).map_err(|e| internal_fault(&e))?,
        Err(NotFrozen(why)) => output::aside(&format!(
            "note: the models are not frozen, so the bundle starts from their ONNX files: {why}\n\
             help: `--no-freeze` asks for that\n"
        )),
    }
    Ok(())
}

/// Refuses a runtime for another processor than a deployment asks for: Lambda would not start it.
pub(super) fn same_arch(compiled: &Compiled, bootstrap: &[u8]) -> Result<(), Failure> {
    let has = mu_driver::arch(bootstrap);
    for (function, deployed) in &compiled.deployments.functions {
        let arch = deployed.settings.iter().find(|stated| stated.name == "arch");
        if let Some(Stated { value: Setting::Word(arch), .. }) = arch
            && Some(arch.as_str()) != has
        {
            let has = has.unwrap_or("another processor");
            let message = format!("`{function}` is deployed for {arch}, and the runtime is built for {has}");
            return Err(Failure::request(message).help("name a runtime for it with MULC_BOOTSTRAP, or change `arch`"));
        }
    }
    Ok(())
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// Lambda could never hold it.
pub(super) fn too_large(compiled: &Compiled, contents: &Contents, limits: &Lambda) -> Option<Diagnostic> {
    let unpacked = mu_bundle::unpacked_size(contents);
    let (has, may) = (megabytes(unpacked), megabytes(limits.unpacked));
    let message = format!("the bundle has {has} MiB unpacked, more than the {may} MiB that AWS Lambda holds");
    let mut error = Diagnostic::error(Code::LambdaLimit, message);
    if let Some(deployed) = compiled.deployments.functions.values().next() {
        error = error.at(deployed.loc, "deployed here, with all that it needs");
    }
    (unpacked > limits.unpacked).then(|| error.help("`require size` on the slots keeps the models small enough"))
}

/// Lambda takes it, but not in a request.
fn large(size: u64, limits: &Lambda) -> Option<Diagnostic> {
    let (has, may) = (megabytes(size), megabytes(limits.zip_direct));
    let message = format!("the zip has {has} MiB, more than the {may} MiB that AWS Lambda takes in a request");
    let warning = Diagnostic::warning(Code::LambdaLimit, message);
    (size > limits.zip_direct).then(|| warning.help("upload it through S3, or `require size` on the slots"))
}
