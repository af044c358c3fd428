//! The gate of a catalog: a model's outputs under our runtime are held against reference outputs, before a final softmax or
//! sigmoid as well as after it. What a runtime computes wrongly it computes silently.

pub mod again;
mod compare;
mod inputs;
pub mod npz;
mod ours;
mod python;

pub use compare::Difference;
pub use ours::{Outputs, run};
pub use python::Python;

use crate::error::Error;
use crate::progress::Progress;
use inputs::Wanted;
use mu_evidence::Gate;
use mu_format::tensor::{DType, Tensor};
use mu_onnx::edit::{Edit, Hint, Probe, probes};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The inputs of one call, by name, in the model's order.
pub type Sample = Vec<(String, Tensor)>;

/// Calls that are compared.
const SAMPLES: u64 = 8;
/// Of the range of an output: what the order of additions and other roundings may do.
const FLOATS: f64 = 1e-3;
/// An output of a softmax or sigmoid lies between 0 and 1: what is this small there is no difference, since the values before are
/// compared, too.
const PROBABILITY: f64 = 1e-6;
/// Nothing smaller is a difference.
const TINY: f64 = 1e-9;
/// Where values are rounded to 8 bits on the way, one step of them may come out otherwise.
const STEPS: f64 = 5e-2;
/// All steps on the way, against none.
const REMOVED: f64 = 0.15;

/// A model at the gate.
pub struct Entrant<'a> {
    pub name: &'a str,
    /// The model as it is to be stored.
    pub model: &'a Edit,
    pub inputs: Vec<Input>,
    /// Names and types of the outputs.
    pub outputs: Vec<(String, DType)>,
    pub hints: &'a BTreeMap<String, Hint>,
    /// Labels of the scores, where the file states them.
    pub classes: &'a [String],
    pub rounding: Rounding,
}

/// What stands between the model and its reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// The order of additions.
    Floats,
    /// Values are rounded to 8 bits on the way, in both.
    Steps,
    /// The reference rounds to 8 bits, the model no longer does.
    Removed,
}

impl Rounding {
    /// That of a model as it stands, held against itself under another runtime.
    pub fn of(model: &mu_onnx::Model) -> Rounding {
        let rounds = |op: &String| op.contains("Quantize") || op.contains("QLinear") || op.contains("Integer");
        if model.operators.keys().any(rounds) { Rounding::Steps } else { Rounding::Floats }
    }

    /// The share of an output's range that is allowed. A softmax makes much of little: where rounding is removed, what it makes
    /// is only held against what breaks it, and the values before are what is compared.
    fn share(self, after_softmax: bool) -> f64 {
        match self {
            Rounding::Floats => FLOATS,
            Rounding::Steps => STEPS,
            Rounding::Removed if after_softmax => 0.5,
            Rounding::Removed => REMOVED,
        }
    }
}

pub struct Input {
    pub name: String,
    pub dtype: DType,
    pub dims: Vec<Size>,
}

/// One dimension of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Size {
    Is(usize),
    /// Free: equal names have equal sizes. The two sizes are tried in turn.
    Free(String, [usize; 2]),
}

/// Where the reference outputs are from.
pub enum Reference<'a> {
    /// Arrays by the names of inputs and outputs, and what they are called in the evidence.
    Arrays(BTreeMap<String, Tensor>, String),
    /// onnxruntime runs the file that was given.
    Python(&'a Python, &'a Path),
    /// Another form of the model, under our runtime, and what it is called in the evidence.
    Form(&'a Edit, String),
}

/// A gate that was passed.
#[derive(Debug, Clone, Serialize)]
pub struct Passed {
    pub gate: Gate,
    /// Each output, and the values before its softmax.
    pub differences: Vec<Difference>,
}

/// The calls to compare: the sizes of free dimensions change from one to the next.
pub fn samples(entrant: &Entrant) -> Vec<Sample> {
    let sample = |number: u64| {
        let wanted = entrant.inputs.iter().map(|input| {
            let shape = input.dims.iter().map(|size| match size {
                Size::Is(n) => *n,
                Size::Free(_, sizes) => sizes[(number % 2) as usize],
            });
            Wanted { name: &input.name, dtype: input.dtype, shape: shape.collect() }
        });
        inputs::sample(&wanted.collect::<Vec<_>>(), entrant.hints, number)
    };
    (0..SAMPLES).map(sample).collect()
}

/// Compares the model with the reference. `date` is today's, `2026-11-21`. The error tells the largest difference and its place.
pub fn pass(entrant: &Entrant, reference: Reference, date: &str, progress: &mut dyn Progress) -> Result<Passed, Error> {
    let (probed, found) = probes(entrant.model);
    let (samples, references, called) = gather(entrant, &probed, reference, progress)?;
    progress.start("running under the runtime that ships", samples.len() as u64);
    // Values before a softmax count only where the reference has them, as f32.
    let known = |name: &str| references.first().and_then(|outputs| outputs.get(name));
    let is_f32 = |probe: &&Probe| known(&probe.before).is_some_and(|tensor| tensor.dtype() == DType::F32);
    let compared: Vec<&Probe> = found.iter().filter(is_f32).collect();
    let mut wanted = entrant.outputs.clone();
    for probe in &compared {
        if !wanted.iter().any(|(name, _)| *name == probe.before) {
            wanted.push((probe.before.clone(), DType::F32));
        }
    }
    let ranks: BTreeMap<&str, usize> =
        wanted.iter().filter_map(|(name, _)| Some((name.as_str(), known(name)?.shape.len()))).collect();
    let bytes = if compared.is_empty() { entrant.model.to_bytes() } else { probed.to_bytes() };
    let ours = ours::run(entrant.name, bytes, &wanted, &ranks, &samples, progress)?;

    let is_after = |name: &str| compared.iter().any(|p| p.output == name);
    let difference = |name: &str, shift: bool, least: f64| {
        let pairs =
            references.iter().zip(&ours).filter_map(|(reference, ours)| Some((reference.get(name)?, ours.get(name)?)));
        let pairs: Vec<(&Tensor, &Tensor)> = pairs.collect();
        (!pairs.is_empty())
            .then(|| compare::compare(name, &pairs, entrant.rounding.share(is_after(name)), shift, least))
    };
    let least = |name: &str| if is_after(name) { PROBABILITY } else { TINY };
    let outputs: Vec<Difference> =
        entrant.outputs.iter().filter_map(|(name, _)| difference(name, false, least(name))).collect();
    let before: Vec<Difference> =
        compared.iter().filter_map(|p| difference(&p.before, p.operator != "Sigmoid", TINY)).collect();
    if outputs.is_empty() {
        return Err(Error::wrong("the reference has none of the model's outputs")
            .help(format!("name the arrays as the model does: {}", names(entrant))));
    }
    if let Some(over) = outputs.iter().find(|d| d.is_over()).or(before.iter().find(|d| d.is_over())) {
        return Err(mismatch(over, &before, &compared, &called));
    }
    let largest = |of: &[Difference]| of.iter().map(|d| d.largest).fold(0.0, f64::max);
    let gate = Gate {
        reference: called,
        samples: samples.len() as u64,
        largest: largest(&outputs),
        before_softmax: (!before.is_empty()).then(|| largest(&before)),
        runtime: runtime(),
        date: date.to_owned(),
    };
    Ok(Passed { gate, differences: outputs.into_iter().chain(before).collect() })
}

/// The version of the compiler and of the engine.
pub fn runtime() -> String {
    mu_infer::RUNTIME.to_owned()
}

type Gathered = (Vec<Sample>, Vec<BTreeMap<String, Tensor>>, String);

/// Inputs, the reference's outputs for each, and what the reference is called.
fn gather(
    entrant: &Entrant,
    probed: &Edit,
    reference: Reference,
    progress: &mut dyn Progress,
) -> Result<Gathered, Error> {
    match reference {
        Reference::Arrays(mut arrays, called) => {
            let take = |input: &Input| {
                let array = arrays.remove(&input.name).ok_or_else(|| {
                    Error::wrong(format!("the reference has no input `{}`", input.name))
                        .help(format!("name the arrays as the model does: {}", names(entrant)))
                })?;
                Ok((input.name.clone(), array))
            };
            let sample = entrant.inputs.iter().map(take).collect::<Result<Sample, Error>>()?;
            Ok((vec![sample], vec![arrays], called))
        }
        Reference::Python(python, path) => {
            let samples = samples(entrant);
            progress.start("running under onnxruntime", 1);
            let failed = |error: std::io::Error| Error::outside(format!("the comparison cannot be prepared: {error}"));
            let folder = tempfile::Builder::new().prefix("mulc-gate-").tempdir().map_err(failed)?;
            let probe = folder.path().join("probed.onnx");
            std::fs::write(&probe, probed.to_bytes()).map_err(failed)?;
            let outputs = python.run(&[path, &probe], entrant.classes, &samples)?;
            progress.advance(1);
            let mut models = outputs.into_iter();
            let given = models.next().unwrap_or_default();
            // The file as it was given has the word on its outputs, the other form on what only it shows.
            let merged = given.into_iter().zip(models.next().unwrap_or_default()).map(|(given, mut probed)| {
                probed.extend(given);
                probed
            });
            Ok((samples, merged.collect(), format!("onnxruntime {}", python.version)))
        }
        Reference::Form(form, called) => {
            let samples = samples(entrant);
            let none = BTreeMap::new();
            let outputs = ours::run(entrant.name, form.to_bytes(), &entrant.outputs, &none, &samples, progress)?;
            Ok((samples, outputs, called))
        }
    }
}

fn names(entrant: &Entrant) -> String {
    let inputs = entrant.inputs.iter().map(|input| &input.name);
    let names: Vec<String> =
        inputs.chain(entrant.outputs.iter().map(|(name, _)| name)).map(|n| format!("`{n}`")).collect();
    names.join(", ")
}

fn mismatch(over: &Difference, before: &[Difference], probes: &[&Probe], reference: &str) -> Error {
    let place = over.place.iter().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let sample = over.place.first().copied().unwrap_or(0);
    let mut message = if over.largest.is_infinite() && over.place.len() < 2 {
        format!("our runtime gives `{}` in another shape than {reference}", over.output)
    } else {
        format!(
            "our runtime answers otherwise than {reference}: `{}` differs by {:.3e} at [{place}] of sample {sample} ({reference} {:.6}, ours {:.6}; allowed {:.1e}; best class equal in {} of {} rows)",
            over.output, over.largest, over.reference, over.ours, over.allowed, over.agreeing.0, over.agreeing.1
        )
    };
    let agrees = |probe: &&&Probe| before.iter().any(|d| d.output == probe.before && !d.is_over());
    if let Some(probe) = probes.iter().filter(|probe| probe.output == over.output).find(agrees) {
        message.push_str(&format!("; up to `{}`, before its {}, both agree", probe.before, probe.operator));
    }
    Error::wrong(message).help(
        "nothing was stored; export the model without quantisation or with another opset, or add it with `--float` where it is quantised",
    )
}
