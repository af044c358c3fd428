//! `mulc why`: why a slot is filled by the model it is filled by.

use super::{Program, wrong};
use crate::cli;
use crate::failure::Failure;
use crate::output;
use crate::why::{page, text};
use mu_driver::why::{WhyAsked, why};
use std::process::ExitCode;

pub fn run(asked: &cli::Why) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.program.path.as_deref(), asked.program.messages.format)?;
    let about = WhyAsked { slot: &asked.slot, entry: asked.entry.as_deref(), compare: asked.compare };
    let report = why(&program.input(), about);
    let failed = report.has_errors();
    let Some(explained) = program.answer(report)? else { return Ok(wrong()) };
    if let Some(file) = &asked.html {
        mu_bundle::write(file, page(&explained).as_bytes())?;
    }
    let answer = match (asked.json, &asked.html) {
        (true, _) => {
            let json = serde_json::to_string_pretty(&explained);
            json.map_err(|error| super::internal_fault(&error.to_string()))? + "\n"
        }
        (false, Some(file)) => format!("{}\n", file.display()),
        (false, None) => text(&explained),
    };
    output::answer(&answer)?;
    Ok(if failed { wrong() } else { ExitCode::SUCCESS })
}
