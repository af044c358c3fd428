//! `mulc models add`: a model comes under management.

use super::Session;
use crate::cli::models::add::Add;
use crate::failure::Failure;
use crate::output;
use crate::progress::Bar;
use crate::today::today;
use mu_models::add::{Added, Request, add};
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(session: &Session, asked: Add) -> Result<ExitCode, Failure> {
    let pythons = pythons(asked.python);
    let request = Request {
        path: asked.path,
        task: asked.task,
        name: asked.name,
        reference: asked.reference,
        labels: asked.labels,
        license: asked.license,
        dims: asked.dims.into_iter().collect(),
        pythons,
        gate: !asked.no_gate,
        float: asked.float,
        date: today(),
    };
    let added = add(&session.catalog(), &request, &mut Bar::default())?;
    for warning in &added.warnings {
        output::aside(&format!("warning: {warning}\n"));
    }
    session.answer(&added, text)
}

/// Where a Python is looked for: the one that was named, or else what the environment says, then the system's.
pub(super) fn pythons(named: Option<PathBuf>) -> Vec<PathBuf> {
    match named {
        Some(python) => vec![python],
        None => env::var_os("MULC_PYTHON").map(PathBuf::from).into_iter().chain([PathBuf::from("python3")]).collect(),
    }
}

fn text(added: &Added) -> String {
    let mut text = format!("added `{}`\n", added.name);
    for change in &added.rewritten {
        text.push_str(&format!("  rewritten: {change}\n"));
    }
    match &added.gate {
        None => text.push_str("  not compared with a reference (--no-gate)\n"),
        Some(gate) => {
            text.push_str(&format!(
                "  compared with {} on {} {}: the largest difference is {:.1e}\n",
                gate.reference,
                gate.samples,
                if gate.samples == 1 { "sample" } else { "samples" },
                gate.largest
            ));
            for difference in &added.differences {
                text.push_str(&format!(
                    "    {}: {:.1e} of {:.1e} allowed, best equal in {} of {} rows\n",
                    difference.output,
                    difference.largest,
                    difference.allowed,
                    difference.agreeing.0,
                    difference.agreeing.1
                ));
            }
        }
    }
    for claim in &added.claims {
        text.push_str(&format!(
            "  claimed: {} = {} on {} ({})\n",
            claim.metric, claim.value, claim.dataset, claim.source
        ));
    }
    if let Some(todo) = &added.todo {
        text.push_str(&format!("  left to do in the card: {todo}\n"));
    }
    text.push_str(&added.files.iter().map(|file| format!("  wrote {file}\n")).collect::<String>());
    text
}
