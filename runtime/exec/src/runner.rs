//! One face for the two ways to run a program.

use crate::native::Native;
use mu_format::ir::{Entry, FuncId, Program};
use mu_format::prefer::Weights;
use mu_format::value::Value;
use mu_interp::{Engine, Error, Machine};
use std::sync::Arc;

/// A program that is ready to be called: as machine code, or by the interpreter, which always works. Both give the same answers.
pub enum Runner {
    Interpreted(Machine),
    Native(Box<Native>),
}

impl Runner {
    pub fn program(&self) -> &Arc<Program> {
        match self {
            Runner::Interpreted(machine) => machine.program(),
            Runner::Native(native) => native.program(),
        }
    }

    /// As [`Machine::weighed`].
    pub fn weighed(&self, entry: &Entry) -> Vec<String> {
        match self {
            Runner::Interpreted(machine) => machine.weighed(entry),
            Runner::Native(native) => native.weighed(entry),
        }
    }

    /// As [`Machine::call`].
    pub fn call(&self, function: FuncId, args: Vec<Value>, engine: &mut dyn Engine) -> Result<Value, Error> {
        match self {
            Runner::Interpreted(machine) => machine.call(function, args, engine),
            Runner::Native(native) => native.call(function, &args, engine),
        }
    }

    /// As [`Machine::call_weighed`].
    pub fn call_weighed(
        &self,
        entry: &Entry,
        args: Vec<Value>,
        weights: &Weights,
        engine: &mut dyn Engine,
    ) -> Result<Value, Error> {
        match self {
            Runner::Interpreted(machine) => machine.call_weighed(entry, args, weights, engine),
            Runner::Native(native) => native.call_weighed(entry, &args, weights, engine),
        }
    }
}
