//! `mulc check`: types, constraints, and whether models can be chosen. Needs neither weights nor runtime.

use super::{Program, internal_fault, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use mu_driver::{Options, Report};
use std::process::ExitCode;

pub fn run(asked: &cli::Program, locked: bool) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
    let report = mu_driver::check_with(&program.input(), &Options { locked });
    let failed = report.has_errors();
    let Report { sources, diagnostics, internal, .. } = report;
    if let Some(fault) = internal {
        return Err(internal_fault(&fault));
    }
    let text = program.render(&sources, &diagnostics);
    if program.format.is_an_answer() {
        output::answer(&text)?;
    } else {
        output::aside(&text);
    }
    program.sum_up(&diagnostics);
    Ok(if failed { wrong() } else { ExitCode::SUCCESS })
}
