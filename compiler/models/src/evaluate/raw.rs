//! The net alone: tensors in, and its output taken for the answer without the adapter.

use super::run::Runner;
use crate::data::{self, Input};
use crate::error::Error;
use mu_driver::Subject;
use mu_format::ir::Model;
use mu_format::tensor::{Data, Tensor};
use mu_format::types::Type;
use mu_format::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

pub struct Raw<'a> {
    model: &'a Model,
    /// The place of the output that is judged.
    output: usize,
    /// What it is taken for.
    ty: Type,
    /// The label of each class.
    classes: Vec<u32>,
}

impl<'a> Raw<'a> {
    pub fn new(subject: &'a Subject, ty: Type, output: Option<&str>) -> Result<Raw<'a>, Error> {
        let card = subject.card.as_ref();
        let (Some(card), Some(model)) = (card, subject.compiled.program.models.first()) else {
            return Err(Error::wrong("`--raw` feeds tensors to the net of a model, and this is a function"));
        };
        let names: Vec<&str> = model.outputs.iter().map(|(name, _)| name.as_str()).collect();
        let there = || format!("its outputs are {}", names.join(", "));
        let output = match output {
            Some(name) => names.iter().position(|other| *other == name).ok_or_else(|| {
                Error::wrong(format!("the net of `{}` has no output `{name}`", subject.name)).help(there())
            })?,
            None if names.len() == 1 => 0,
            None => {
                let message = format!("the net of `{}` has several outputs", subject.name);
                return Err(Error::wrong(message).help(format!("say by `--output NAME` which is judged: {}", there())));
            }
        };
        let classes = match (&ty, &card.classes) {
            (_, Some(classes)) => classes.clone(),
            (Type::Ranking(set), None) => {
                let set = subject.compiled.program.labels.get(*set as usize).map(Vec::as_slice).unwrap_or_default();
                let declared = super::declared(set, &subject.labels);
                let places = declared.iter().filter_map(|label| set.iter().position(|other| other == label));
                places.filter_map(|place| u32::try_from(place).ok()).collect()
            }
            _ => Vec::new(),
        };
        Ok(Raw { model, output, ty, classes })
    }

    pub fn inputs(&self) -> Vec<Input> {
        let inputs = self.model.inputs.iter();
        inputs.map(|(name, ty)| Input { names: vec![name.clone()], ty: ty.clone() }).collect()
    }

    /// The output for a sample, as the task's result.
    pub fn answer(&self, runner: &mut Runner, inputs: &[Value]) -> Result<Value, String> {
        let tensors: Option<Vec<Arc<Tensor>>> = inputs.iter().map(Value::to_tensor).collect();
        let outputs = runner.infer(0, &tensors.ok_or("an input is no tensor")?)?;
        let output = outputs.into_iter().nth(self.output).ok_or("the net lacks its output")?;
        match &self.ty {
            Type::Ranking(_) => self.ranking(&output),
            ty => data::from_tensor(&output, ty, &data::Reading { labels: &[], declared: &[], rate: None, light: 1.0 })
                .map_err(|error| format!("the output cannot be judged: {error}")),
        }
    }

    /// As `rank` does it: best first, equal scores in the order of the classes, NaN last.
    fn ranking(&self, output: &Tensor) -> Result<Value, String> {
        let scores: Vec<f32> = match &output.data {
            Data::F32(scores) => scores.clone(),
            Data::F64(scores) => scores.iter().map(|x| *x as f32).collect(),
            other => return Err(format!("the output is of {}, no scores", other.dtype().name())),
        };
        if scores.len() != self.classes.len() {
            return Err(format!("the output has {} scores for {} classes", scores.len(), self.classes.len()));
        }
        let mut ranking: Vec<(u32, f32)> = self.classes.iter().copied().zip(scores).collect();
        ranking.sort_by(|(_, a), (_, b)| match (a.is_nan(), b.is_nan()) {
            (false, false) => b.partial_cmp(a).unwrap_or(Ordering::Equal),
            (a, b) => a.cmp(&b),
        });
        Ok(Value::Ranking(Arc::new(ranking)))
    }
}
