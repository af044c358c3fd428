//! `mulc dump STAGE`: what a stage of the compiler made, as text.

use super::{Program, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use mu_driver::{Entry, Stage};
use std::process::ExitCode;

pub fn run(stage: Stage, asked: &cli::Program) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
    let report = mu_driver::dump(&program.input(), stage, Entry::All);
    let failed = report.has_errors();
    if let Some(text) = program.answer(report)? {
        output::answer(&text)?;
    }
    Ok(if failed { wrong() } else { ExitCode::SUCCESS })
}
