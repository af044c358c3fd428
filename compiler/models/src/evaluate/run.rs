//! A compiled program in this process.

use crate::error::Error;
use mu_driver::Compiled;
use mu_format::ir::{Entry, FuncId, ModelId, Program};
use mu_format::tensor::Tensor;
use mu_format::value::Value;
use mu_infer::Tract;
use mu_interp::{Engine, Limits, Machine};
use std::sync::Arc;

pub struct Runner {
    machine: Machine,
    engine: Tract,
    /// What answers.
    entry: Entry,
}

impl Runner {
    /// `name` is the entry that answers.
    pub fn new(compiled: &Compiled, name: &str) -> Result<Runner, Error> {
        let fault = |what: String| Error::wrong(format!("`{name}` cannot be run: {what}"));
        let program: &Program = &compiled.program;
        let files = program.models.iter().map(|model| {
            let file = compiled.models.iter().find(|file| file.sha256 == model.sha256);
            file.map(|file| file.bytes.clone())
                .ok_or_else(|| fault(format!("the file of `{}` was not read", model.name)))
        });
        let engine = Tract::new(&program.models, &files.collect::<Result<Vec<_>, _>>()?);
        let assets = compiled.assets.iter().map(|asset| asset.bytes.clone()).collect();
        let machine = Machine::new(Arc::new(program.clone()), assets, Limits::default());
        let machine = machine.map_err(|error| fault(error.to_string()))?;
        let entry = program.entries.iter().find(|entry| entry.name == name).cloned();
        let entry = entry.ok_or_else(|| fault("it has no entry".into()))?;
        Ok(Runner { machine, engine, entry })
    }

    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    pub fn answer(&mut self, inputs: Vec<Value>) -> Result<Value, String> {
        self.call(self.entry.function, inputs)
    }

    pub fn call(&mut self, function: FuncId, args: Vec<Value>) -> Result<Value, String> {
        self.machine.call(function, args, &mut self.engine).map_err(|error| error.message)
    }

    pub fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        self.engine.infer(model, inputs)
    }

    /// An entry beside the one that answers.
    pub fn other(&self, name: &str) -> Result<&Entry, Error> {
        let found = self.machine.program().entries.iter().find(|entry| entry.name == name);
        found.ok_or_else(|| Error::wrong(format!("the program lacks its entry `{name}`")))
    }
}
