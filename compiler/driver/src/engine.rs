//! Runs functions of finished programs in this process, for constants and tests.

use crate::front::Front;
use crate::models::Models;
use crate::report::Failure;
use mu_base::{Code, Diagnostic};
use mu_format::ir::{FuncId, Model, Program};
use mu_format::value::Value;
use mu_infer::Tract;
use mu_interp::{Limits, Machine};
use mu_lower::AssetFile;
use std::sync::Arc;

/// A program with its models, ready to be called.
pub(crate) struct Engine {
    machine: Machine,
    tract: Tract,
}

impl Engine {
    pub fn new(program: &Program, assets: &[AssetFile], models: &Models) -> Result<Engine, String> {
        let files = program.models.iter().map(|model| {
            let file =
                models.get(&model.sha256).ok_or_else(|| format!("the file of model `{}` was not read", model.name));
            file.map(|file| file.bytes.clone())
        });
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let tract = Tract::new(&program.models, &files);
        let assets = assets.iter().map(|asset| asset.bytes.clone()).collect();
        let machine = Machine::new(Arc::new(program.clone()), assets, Limits::default()).map_err(|e| e.to_string())?;
        Ok(Engine { machine, tract })
    }

    /// Calls a function without parameters. The error is for people.
    pub fn call(&mut self, function: FuncId) -> Result<Value, String> {
        self.machine.call(function, Vec::new(), &mut self.tract).map_err(|error| error.message)
    }
}

/// Holds each model of a program against the engine that will run it, before anything is run; all that cannot are reported.
pub(crate) fn check(front: &Front, program: &Program, models: &Models) -> Result<(), Failure> {
    let wrong: Vec<Diagnostic> = program.models.iter().filter_map(|model| refused(front, model, models)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong)) }
}

fn refused(front: &Front, model: &Model, models: &Models) -> Option<Diagnostic> {
    let file = models.get(&model.sha256)?;
    let reason = mu_infer::check(model, &file.bytes).err()?;
    // Of an unreadable graph the engine tells a whole story; a diagnostic is a line.
    let reason = reason.lines().collect::<Vec<_>>().join(" ");
    let code = if reason.contains("where the card says") { Code::NetMismatch } else { Code::UnsupportedOperator };
    let mut diagnostic = Diagnostic::error(code, format!("`{}` cannot be run: {reason}", file.path));
    let card = front.analysis.cards.values().find(|card| card.name == model.name && card.net.sha256 == model.sha256);
    if let Some(card) = card {
        diagnostic = diagnostic.at(card.net.loc, "this file");
    }
    Some(diagnostic.help("export the model again, with other operators or another opset, and correct the card"))
}

/// As [`mu_lower::Run`], over files that were read.
pub(crate) fn run(models: &Models) -> impl FnMut(&Program, &[AssetFile], FuncId) -> Result<Value, String> {
    |program, assets, function| Engine::new(program, assets, models)?.call(function)
}
