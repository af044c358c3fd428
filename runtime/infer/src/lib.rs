//! Runs ONNX models by tract, as the engine of the interpreter.
//!
//! Models are loaded when they are first used, or by [`Tract::warm`]. A panic inside tract becomes an error.

mod convert;
mod frozen;
mod general;
mod isa;
mod model;
mod quiet;

pub use frozen::{Plans, dump, join, prove, thaw};
pub use mu_frozen::{Heap, Refused, shuffle, without_chance};

use model::Model;
use mu_format::ir::{self, ModelId};
use mu_format::tensor::Tensor;
use mu_interp::Engine;
use std::sync::Arc;

/// What runs models, as evidence names it: figures of another runtime may be others.
pub const RUNTIME: &str = concat!("mulc ", env!("CARGO_PKG_VERSION"), ", tract-onnx 0.23.9");

/// The models of a program.
pub struct Tract {
    models: Vec<Model>,
}

/// Gives the bytes of a model's ONNX file when they are needed. The error is a sentence.
pub type Source = Box<dyn Fn() -> Result<Arc<Vec<u8>>, String> + Send>;

/// A file that is in memory already.
pub fn in_memory(file: &Arc<Vec<u8>>) -> Source {
    let file = file.clone();
    Box::new(move || Ok(file.clone()))
}

impl Tract {
    /// `files` are the bytes of the models' ONNX files, in their order. Nothing is read yet.
    pub fn new(models: &[ir::Model], files: &[Arc<Vec<u8>>]) -> Tract {
        Tract::from_sources(models, files.iter().map(in_memory).collect())
    }

    /// As [`Tract::new`], with files that are read when they are needed.
    pub fn from_sources(models: &[ir::Model], sources: Vec<Source>) -> Tract {
        isa::pin();
        let models = models.iter().zip(sources).map(|(model, source)| Model::new(model.clone(), source));
        Tract { models: models.collect() }
    }

    /// Loads every model, and readies it for its shapes where they are all known, so that no call pays for it.
    pub fn warm(&mut self) -> Result<(), String> {
        self.models.iter_mut().try_for_each(Model::warm)
    }
}

/// Whether the engine can run a model, without running it: loads the file, plans it for shapes that the signature allows, and
/// holds what the plan gives against the signature. The error is a sentence with the model's name.
pub fn check(model: &ir::Model, file: &Arc<Vec<u8>>) -> Result<(), String> {
    isa::pin();
    Model::new(model.clone(), in_memory(file)).check()
}

impl Engine for Tract {
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        let model = self.models.get_mut(model as usize).ok_or_else(|| format!("there is no model {model}"))?;
        model.infer(inputs)
    }
}
