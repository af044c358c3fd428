//! `mulc test`: runs the project's own tests and says of each whether it holds.

use super::fetch::{Needed, fetch};
use super::{Program, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use mu_driver::{Entry, Options};
use std::process::ExitCode;

pub fn run(asked: &cli::Program, lock: cli::Lock) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
    fetch(&program, Entry::All, Needed::Tests, lock)?;
    let progress = Progress::start("testing");
    let report = mu_driver::tests(&program.input(), &Options { locked: lock.locked });
    drop(progress);
    let sources = report.sources.clone();
    let Some(tested) = program.answer(report)? else { return Ok(wrong()) };
    program.try_lock(tested.lock.as_ref());
    for test in &tested.tests {
        let holds = if test.failures.is_empty() { "ok" } else { "FAILED" };
        output::answer(&format!("test {} ... {holds}\n", test.name))?;
        if !test.failures.is_empty() {
            output::aside(&program.render(&sources, &test.failures));
        }
    }
    let failed = tested.tests.iter().filter(|test| !test.failures.is_empty()).count();
    output::answer(&format!("{} passed, {failed} failed\n", tested.tests.len() - failed))?;
    Ok(if failed > 0 { wrong() } else { ExitCode::SUCCESS })
}
