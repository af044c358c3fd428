//! Runs a model by itself under our runtime, on tensors.

use super::Sample;
use crate::error::Error;
use crate::progress::Progress;
use mu_format::bundle::sha256;
use mu_format::ir::Model;
use mu_format::tensor::{DType, Tensor};
use mu_format::types::{Dim, Type};
use mu_infer::Tract;
use mu_interp::Engine;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a model gave for each sample, by the outputs' names.
pub type Outputs = Vec<BTreeMap<String, Tensor>>;

/// Outputs have at most so many dimensions.
const RANKS: usize = 6;

/// Runs a file on the samples. `outputs` are those that are wanted, `ranks` the number of their dimensions where it is known; where
/// it is not, it is found by trying.
pub fn run(
    name: &str,
    file: Vec<u8>,
    outputs: &[(String, DType)],
    ranks: &BTreeMap<&str, usize>,
    samples: &[Sample],
    progress: &mut dyn Progress,
) -> Result<Outputs, Error> {
    let sha256 = sha256(&file);
    let file = Arc::new(file);
    let mut known: BTreeMap<String, usize> = ranks.iter().map(|(name, rank)| ((*name).to_owned(), *rank)).collect();
    let engine = |sample: &Sample, known: &BTreeMap<String, usize>| {
        let fixed = |tensor: &Tensor| tensor.shape.iter().map(|n| Dim::Is(*n as u64)).collect();
        let free = |name: &String| vec![Dim::Any; known.get(name).copied().unwrap_or(0)];
        let model = Model {
            name: name.to_owned(),
            sha256: sha256.clone(),
            inputs: sample.iter().map(|(n, t)| (n.clone(), Type::Tensor(t.dtype(), fixed(t)))).collect(),
            outputs: outputs.iter().map(|(n, dtype)| (n.clone(), Type::Tensor(*dtype, free(n)))).collect(),
        };
        Tract::new(&[model], std::slice::from_ref(&file))
    };
    let mut answers: Outputs = Vec::new();
    // Loading is the longest part: calls of one shape share an engine.
    let mut engines: BTreeMap<Vec<Vec<usize>>, Tract> = BTreeMap::new();
    for sample in samples {
        let inputs: Vec<Arc<Tensor>> = sample.iter().map(|(_, tensor)| Arc::new(tensor.clone())).collect();
        let shapes: Vec<Vec<usize>> = inputs.iter().map(|tensor| tensor.shape.clone()).collect();
        let mut answer = engines.entry(shapes.clone()).or_insert_with(|| engine(sample, &known)).infer(0, &inputs);
        for (output, _) in outputs {
            let mut rank = 0;
            let unknown = !known.contains_key(output);
            // The engine names the output whose shape does not fit.
            while unknown && rank <= RANKS && answer.as_ref().is_err_and(|e| e.contains(&format!("output `{output}`")))
            {
                known.insert(output.clone(), rank);
                let mut again = engine(sample, &known);
                answer = again.infer(0, &inputs);
                engines.insert(shapes.clone(), again);
                rank += 1;
            }
        }
        let answer = answer.map_err(|error| {
            let line = error.lines().collect::<Vec<_>>().join(" ");
            Error::wrong(line).help(
                "export the model again, with other operators or another opset, or give sizes that fit by `--dim NAME=SIZE`",
            )
        })?;
        answers.push(outputs.iter().map(|(name, _)| name.clone()).zip(answer).collect());
        progress.advance(1);
    }
    Ok(answers)
}
