//! Runs functions of finished programs in this process, for constants and tests.

use crate::models::Models;
use mu_format::ir::{FuncId, Program};
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

/// As [`mu_lower::Run`], over files that were read.
pub(crate) fn run(models: &Models) -> impl FnMut(&Program, &[AssetFile], FuncId) -> Result<Value, String> {
    |program, assets, function| Engine::new(program, assets, models)?.call(function)
}
