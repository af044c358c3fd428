//! The reference interpreter: runs a verified program on whole tensors, within a budget of fuel.
//!
//! It decides what a program means; native code is held against it. Operations are `mu-ops`', inference is an [`Engine`]'s.

mod boundary;
mod error;
mod run;

pub use boundary::{as_files, check_inputs};
pub use error::{Error, ErrorKind};

use mu_format::ir::{FuncId, ModelId, Program};
use mu_format::liveness::Liveness;
use mu_format::tensor::Tensor;
use mu_format::value::Value;
use mu_format::verify::{VerifyError, verify};
use std::sync::Arc;

/// What runs models.
pub trait Engine {
    /// Runs a model of the program on inputs in the order of its signature; gives the outputs in the order of its signature.
    /// The error is a sentence with the model's name.
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String>;
}

/// An engine without models, for programs that call none.
pub struct NoModels;

impl Engine for NoModels {
    fn infer(&mut self, model: ModelId, _: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        Err(format!("model {model} cannot run: no engine is there"))
    }
}

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// An instruction costs 1 and a 64th of the elements of its arguments and its result (bytes, for files and texts); the call
    /// of a function costs 50.
    pub fuel: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        // Minutes at most; what is meant to be run takes a few millions.
        Limits { fuel: 200_000_000 }
    }
}

/// A program that is ready to be called, any number of times.
#[derive(Clone)]
pub struct Machine {
    program: Arc<Program>,
    /// By function.
    liveness: Arc<Vec<Liveness>>,
    assets: Arc<Vec<Arc<Vec<u8>>>>,
    tokenizers: mu_ops::Tokenizers,
    limits: Limits,
}

impl Machine {
    /// Verifies the program. `assets` are the bytes of its files, in their order.
    pub fn new(program: Arc<Program>, assets: Vec<Arc<Vec<u8>>>, limits: Limits) -> Result<Machine, VerifyError> {
        verify(&program, &mu_ops::result_type)?;
        let liveness = Arc::new(program.functions.iter().map(Liveness::of).collect());
        Ok(Machine { program, liveness, assets: Arc::new(assets), tokenizers: mu_ops::Tokenizers::default(), limits })
    }

    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Calls a function. The arguments must be of its parameters' types; pictures and sounds among them should have passed
    /// [`check_inputs`].
    pub fn call(&self, function: FuncId, args: Vec<Value>, engine: &mut dyn Engine) -> Result<Value, Error> {
        run::call(self, function, args, engine)
    }
}
