//! `mulc update`: chooses anew, moves `mu.lock`, and says what changed and why.

use super::{Program, internal_fault, wrong};
use crate::failure::Failure;
use crate::locate::is_path;
use crate::output;
use crate::progress::Progress;
use crate::render::Format;
use mu_driver::{LOCK, Moved, Updated};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// The program and the slot that are asked for.
pub struct Request {
    slot: Option<String>,
    path: Option<PathBuf>,
}

impl Request {
    /// Of the two optional words, a lone one is the slot unless it names a program.
    pub fn new(first: Option<String>, second: Option<String>) -> Request {
        match (first, second) {
            (Some(word), None) if is_path(&word) => Request { slot: None, path: Some(PathBuf::from(word)) },
            (slot, path) => Request { slot, path: path.map(PathBuf::from) },
        }
    }
}

pub fn run(request: &Request, json: bool, format: Format) -> Result<ExitCode, Failure> {
    let program = Program::open(request.path.as_deref(), format)?;
    let progress = Progress::start("choosing");
    let report = mu_driver::update(&program.input(), request.slot.as_deref());
    drop(progress);
    let Some(updated) = program.answer(report)? else { return Ok(wrong()) };
    if let Some(lock) = &updated.lock {
        program.save_lock(lock)?;
    }
    let answer = if json {
        serde_json::to_string_pretty(&updated).map_err(|error| internal_fault(&error.to_string()))? + "\n"
    } else {
        text(&updated)
    };
    output::answer(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// What changed, each with its reasons below it.
fn text(updated: &Updated) -> String {
    let mut out = String::new();
    for Moved { name, old, new, why } in &updated.changes {
        let _ = match (old, new) {
            (Some(old), Some(new)) if old == new => writeln!(out, "{name}: {old} stays, on other grounds"),
            (Some(old), Some(new)) => writeln!(out, "{name}: {old} -> {new}"),
            (None, Some(new)) => writeln!(out, "{name}: {new}, new in the lock"),
            (Some(old), None) => writeln!(out, "{name}: no longer in the program (was {old})"),
            (None, None) => writeln!(out, "{name}"),
        };
        why.iter().for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
    }
    if updated.changes.is_empty() {
        let _ = writeln!(out, "{LOCK}: every choice stays");
    }
    if updated.catalog_changed {
        let _ = writeln!(out, "{LOCK}: the catalog is another than when it was written");
    }
    out
}
