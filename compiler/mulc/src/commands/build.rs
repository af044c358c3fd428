//! `mulc build`: writes the bundle, a folder for this machine or a zip for AWS Lambda.

use super::{Program, internal_fault, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::runtime;
use mu_base::{Code, Diagnostic, Sources};
use mu_bundle::Contents;
use mu_driver::{Entry, Options, Target};
use serde::Deserialize;
use std::path::Path;
use std::process::ExitCode;

/// What Lambda takes, in bytes; data with its source and date.
#[derive(Deserialize)]
struct Limits {
    zip_direct: u64,
    unpacked: u64,
}

pub fn run(asked: &cli::Program, target: cli::Target, out: Option<&Path>, locked: bool) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
    let progress = Progress::start("compiling");
    let report = mu_driver::compile(&program.input(), Entry::All, &Options { locked });
    drop(progress);
    let Some(compiled) = program.answer(report)? else { return Ok(wrong()) };
    let bootstrap = runtime::read()?;
    let progress = Progress::start("writing the bundle");
    let out = match (out, target) {
        (Some(out), _) => out.to_path_buf(),
        (None, cli::Target::Local) => program.place.made().join("bundle"),
        (None, cli::Target::Lambda) => program.place.made().join(format!("{}.zip", compiled.name)),
    };
    let said = match target {
        cli::Target::Local => {
            let contents = mu_driver::bundle(&compiled, Target::Local, bootstrap).map_err(|e| internal_fault(&e))?;
            mu_bundle::folder(&out, &contents)?;
            Vec::new()
        }
        cli::Target::Lambda => {
            let contents = mu_driver::bundle(&compiled, Target::Lambda, bootstrap).map_err(|e| internal_fault(&e))?;
            zip(&out, &contents)?
        }
    };
    drop(progress);
    output::aside(&program.render(&Sources::default(), &said));
    if said.iter().any(Diagnostic::is_error) {
        return Ok(wrong());
    }
    program.write_lock(compiled.lock.as_deref())?;
    output::answer(&format!("{}\n", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// Writes the zip unless Lambda could never hold it, and says what Lambda will say.
fn zip(out: &Path, contents: &Contents) -> Result<Vec<Diagnostic>, Failure> {
    let limits: Limits = toml::from_str(include_str!("../../../../stdlib/aws/lambda.toml"))
        .map_err(|error| internal_fault(&error.to_string()))?;
    let unpacked = mu_bundle::unpacked_size(contents);
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    if unpacked > limits.unpacked {
        let (has, may) = (megabytes(unpacked), megabytes(limits.unpacked));
        let message = format!("the bundle has {has} MiB unpacked, more than the {may} MiB that AWS Lambda holds");
        let error = Diagnostic::error(Code::LambdaLimit, message);
        return Ok(vec![error.help("`require size` on the slots keeps the models small enough")]);
    }
    let size = mu_bundle::zip(out, contents)?;
    if size > limits.zip_direct {
        let (has, may) = (megabytes(size), megabytes(limits.zip_direct));
        let message = format!("the zip has {has} MiB, more than the {may} MiB that AWS Lambda takes in a request");
        let warning = Diagnostic::warning(Code::LambdaLimit, message);
        return Ok(vec![warning.help("upload it through S3, or `require size` on the slots")]);
    }
    Ok(Vec::new())
}
