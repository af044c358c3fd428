//! Which operators the runtime can run. The list belongs to one version of tract and is a file of its own.

use crate::model::Model;

/// The runtime that the list of operators belongs to.
pub const RUNTIME: &str = "tract-onnx 0.23.9";

const OPERATORS: &str = include_str!("../operators-tract-onnx-0.23.9.txt");

/// Whether the runtime knows an operator, named as in [`Model::operators`].
pub fn runs(operator: &str) -> bool {
    OPERATORS.lines().any(|line| line == operator)
}

/// The operators of a model that the runtime cannot run, in byte order; empty where it can run all.
///
/// An operator that is known may still be refused in an unusual form: only loading the model in the runtime proves it.
pub fn unsupported(model: &Model) -> Vec<String> {
    model.operators.keys().filter(|name| !runs(name)).cloned().collect()
}
