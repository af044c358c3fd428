//! The reference interpreter: runs a verified program on whole tensors, within a budget of fuel.
//!
//! It decides what a program means; native code is held against it. Operations are `mu-ops`', inference is an [`Engine`]'s.

mod boundary;
mod error;
mod run;

pub use boundary::{as_files, check_inputs};
pub use error::{Error, ErrorKind};
pub use run::{CALL, ELEMENTS, weight};

use mu_format::ir::{Entry, FuncId, Function, ModelId, Program};
use mu_format::liveness::Liveness;
use mu_format::prefer::{self, Picks, Weights};
use mu_format::tensor::Tensor;
use mu_format::value::Value;
use mu_format::verify::{VerifyError, verify};
use std::sync::Arc;

/// What runs models.
pub trait Engine {
    /// Runs a model of the program on inputs in the order of its signature; gives the outputs in the order of its signature.
    /// The error is a sentence with the model's name.
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String>;

    /// As [`Engine::infer`], into `outputs`. It holds nothing, or the outputs of an earlier run of the model; those that nobody
    /// else holds may be written over.
    fn infer_into(
        &mut self,
        model: ModelId,
        inputs: &[Arc<Tensor>],
        outputs: &mut Vec<Arc<Tensor>>,
    ) -> Result<(), String> {
        let made = self.infer(model, inputs)?;
        outputs.clear();
        outputs.extend(made.into_iter().map(Arc::new));
        Ok(())
    }
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

impl Limits {
    /// What is said when all fuel is spent.
    pub fn spent(&self) -> String {
        format!("the program is too large: all {} steps that a call may take are spent", self.fuel)
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
    /// By function: the decisions its calls come to.
    decisions: Arc<Vec<Vec<u32>>>,
    /// What is picked where a request weighs nothing.
    equal: Arc<Picks>,
}

impl Machine {
    /// Verifies the program. `assets` are the bytes of its files, in their order.
    pub fn new(program: Arc<Program>, assets: Vec<Arc<Vec<u8>>>, limits: Limits) -> Result<Machine, VerifyError> {
        verify(&program, &mu_ops::result_type)?;
        let liveness = Arc::new(program.functions.iter().map(Liveness::of).collect());
        let (decisions, equal) = (Arc::new(prefer::reached(&program)), Arc::new(prefer::equal(&program)));
        let (assets, tokenizers) = (Arc::new(assets), mu_ops::Tokenizers::default());
        Ok(Machine { program, liveness, assets, tokenizers, limits, decisions, equal })
    }

    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Calls a function. The arguments must be of its parameters' types; pictures and sounds among them should have passed
    /// [`check_inputs`]. Where requests choose models, all they weigh counts alike.
    pub fn call(&self, function: FuncId, args: Vec<Value>, engine: &mut dyn Engine) -> Result<Value, Error> {
        run::call(self, function, args, &self.equal, engine)
    }

    /// What requests to an entry may weigh, by name; nothing where no model is chosen at request time.
    pub fn weighed(&self, entry: &Entry) -> Vec<String> {
        prefer::weighed(&self.program, self.reached(entry))
    }

    /// The decisions that the calls of an entry come to.
    fn reached(&self, entry: &Entry) -> &[u32] {
        self.decisions.get(entry.function as usize).map_or(&[], Vec::as_slice)
    }

    /// As [`Machine::call`] of an entry's function, with the models that the request's weights pick. Weights that are none, or
    /// for what is not weighed, are a bad input.
    pub fn call_weighed(
        &self,
        entry: &Entry,
        args: Vec<Value>,
        weights: &Weights,
        engine: &mut dyn Engine,
    ) -> Result<Value, Error> {
        run::call(self, entry.function, args, &self.picks(entry, weights)?, engine)
    }

    /// The options that weights pick; see [`Machine::call_weighed`].
    pub fn picks(&self, entry: &Entry, weights: &Weights) -> Result<Picks, Error> {
        let picks = prefer::picks(&self.program, entry, self.reached(entry), weights);
        picks.map_err(|why| Error::outside(ErrorKind::BadInput, why))
    }

    /// The options that are picked where a request weighs nothing.
    pub fn equal_picks(&self) -> &Picks {
        &self.equal
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What operations of this program need besides their arguments.
    pub fn context(&self) -> mu_ops::Context<'_> {
        mu_ops::Context::sharing(&self.program.labels, &self.assets, self.tokenizers.clone())
    }

    /// The function that is to be called, where the arguments are of its parameters' types.
    pub fn check(&self, function: FuncId, args: &[Value]) -> Result<&Function, Error> {
        run::check(self, function, args)
    }
}
