//! Drafts of adapters: from a task's types to a net's tensors and back, where both leave one plain way.

use super::hub::Picture;
use super::net::{CardDim, Net, Tensors};
use super::project::TaskInfo;
use mu_format::tensor::{DType, Tensor};
use std::collections::BTreeMap;

/// The lines of an adapter.
pub enum Draft {
    Plain(Vec<String>),
    /// Why there is none: what is left to do.
    Todo(String),
}

/// What is known of a model beside its net.
pub struct Known<'a> {
    pub task: &'a TaskInfo,
    pub net: &'a Net,
    /// How many labels there are.
    pub classes: usize,
    /// How many fields the record has.
    pub fields: usize,
    pub unit: &'a str,
    pub picture: &'a Picture,
    /// The tokenizer's file, from the card.
    pub tokenizer: Option<&'a str>,
    /// What the model gave on some inputs.
    pub calls: &'a [BTreeMap<String, Tensor>],
}

/// Side of pictures where neither the net nor a description says it.
const SIDE: u64 = 224;

impl Known<'_> {
    pub fn draft(&self) -> Draft {
        let takes: Vec<&str> = self.task.takes.iter().map(String::as_str).collect();
        let draft = match (takes.as_slice(), self.task.gives.as_str()) {
            (["Image"], "Ranking") => self.picture().and_then(|lines| self.ranked(lines)),
            (["Record"], "Ranking") => self.columns().and_then(|lines| self.ranked(lines)),
            (["Text"], "Ranking") => self.tokens().and_then(|lines| self.ranked(lines)),
            (["Record"], "f32") => self.columns().and_then(|lines| self.number(lines)),
            (["Text"], "Embedding") => self.tokens().and_then(|lines| self.vector(lines)),
            _ => Err(format!("write how `{}` is computed by the net", self.task.name)),
        };
        draft.map_or_else(Draft::Todo, Draft::Plain)
    }

    fn param(&self) -> &str {
        self.task.params.first().map_or("input", String::as_str)
    }

    /// `infer(...)` with everything that stands before it.
    fn picture(&self) -> Result<(Vec<String>, String), String> {
        let [input] = self.net.inputs.as_slice() else {
            return Err("the net takes several tensors: make each of the picture".into());
        };
        let channels = |dim: Option<&CardDim>| match dim {
            Some(CardDim::Is(1)) => Some("gray"),
            Some(CardDim::Is(3)) => Some("rgb"),
            _ => None,
        };
        let first = (input.dims.len() == 4).then(|| channels(input.dims.get(1))).flatten();
        let last = (input.dims.len() == 4).then(|| channels(input.dims.get(3))).flatten();
        let (colour, height, width) = match (first, last) {
            (Some(colour), _) => (colour, 2, 3),
            (None, Some(colour)) => (colour, 1, 2),
            _ => {
                return Err(format!(
                    "make `{}` of the picture: which of its dimensions are colours is not plain",
                    input.name
                ));
            }
        };
        let side = |axis: usize, stated: Option<u64>| match input.dims.get(axis) {
            Some(CardDim::Is(n)) => *n,
            _ => stated.unwrap_or(SIDE),
        };
        let (height, width) = (side(height, self.picture.height), side(width, self.picture.width));
        let mut pixels = format!("let pixels = image |> {colour}");
        pixels = pixels.replace("image", self.param());
        if let Some(from) = self.picture.crop_from.filter(|from| *from >= height && height == width) {
            pixels.push_str(&format!(" |> center_crop({})", decimal(height as f64 / from as f64)));
        }
        let filter = if self.picture.bicubic { ", \"bicubic\"" } else { "" };
        pixels.push_str(&format!(" |> resize({height}, {width}{filter})"));
        let mut lines = Vec::new();
        let mut x = "let x = pixels".to_owned();
        if input.dtype == DType::F32 {
            if !self.picture.stated {
                lines.push(
                    "// Values from 0 to 1 are assumed: change the scale where the model was trained on others."
                        .to_owned(),
                );
            }
            let scale = if self.picture.stated { self.picture.scale } else { Some(1.0 / 255.0) };
            x.push_str(&match scale {
                Some(scale) if (scale * 255.0 - 1.0).abs() < 1e-9 => " |> scale(1.0 / 255.0)".to_owned(),
                Some(scale) => format!(" |> scale({})", decimal(scale)),
                None => " |> to_f32".to_owned(),
            });
            let count = if colour == "rgb" { 3 } else { 1 };
            if self.picture.mean.len() == count && self.picture.std.len() == count {
                let list = |numbers: &[f64]| numbers.iter().map(|x| decimal(*x)).collect::<Vec<_>>().join(", ");
                x.push_str(&format!(" |> normalize([{}], [{}])", list(&self.picture.mean), list(&self.picture.std)));
            }
        } else if input.dtype != DType::U8 {
            return Err(format!("make `{}` ({}) of the picture", input.name, input.dtype.name()));
        }
        if first.is_none() {
            x.push_str(" |> hwc");
        }
        x.push_str(" |> batch");
        lines.insert(0, pixels);
        lines.push(x);
        Ok((lines, format!("infer({}: x)", input.name)))
    }

    fn columns(&self) -> Result<(Vec<String>, String), String> {
        let row = self.param();
        let cast = |input: &Tensors| match input.dtype {
            DType::F32 => Ok(""),
            DType::F64 => Ok(" |> to_f64"),
            DType::I64 => Ok(" |> to_i64"),
            DType::I32 => Ok(" |> to_i32"),
            _ => Err(format!("make `{}` ({}) of the row", input.name, input.dtype.name())),
        };
        let width = |input: &Tensors| match input.dims.as_slice() {
            [_, CardDim::Is(n)] => Ok(*n as usize),
            _ => Err(format!("make `{}` of the row: its columns are not plain", input.name)),
        };
        let widths = self.net.inputs.iter().map(width).collect::<Result<Vec<_>, _>>()?;
        if widths.iter().sum::<usize>() != self.fields {
            return Err(format!(
                "the net takes {} numbers, the record has {} fields",
                widths.iter().sum::<usize>(),
                self.fields
            ));
        }
        if let [input] = self.net.inputs.as_slice() {
            return Ok((Vec::new(), format!("infer({}: features({row}){} |> batch)", input.name, cast(input)?)));
        }
        let mut from = 0;
        let mut arguments = Vec::new();
        for (input, width) in self.net.inputs.iter().zip(widths) {
            arguments.push(format!("{}: x[{from}..{}]{} |> batch", input.name, from + width, cast(input)?));
            from += width;
        }
        Ok((vec![format!("let x = features({row})")], format!("infer({})", arguments.join(", "))))
    }

    fn tokens(&self) -> Result<(Vec<String>, String), String> {
        let Some(tokenizer) = self.tokenizer else {
            return Err("turn the text into the net's numbers: there is no `tokenizer.json` beside the model".into());
        };
        let mut bound = None;
        let mut arguments = Vec::new();
        for input in &self.net.inputs {
            let [_, CardDim::Free(_, most)] = input.dims.as_slice() else {
                return Err(format!("make `{}` of the text: its length is fixed, tokens are not", input.name));
            };
            bound = Some(*most);
            let of = if input.onnx.contains("mask") {
                "ones_like(ids)"
            } else if input.onnx.contains("type") || input.onnx.contains("segment") {
                "zeros_like(ids)"
            } else {
                "ids"
            };
            let cast = match input.dtype {
                DType::I64 => "",
                DType::I32 => " |> to_i32",
                other => return Err(format!("make `{}` ({}) of the text", input.name, other.name())),
            };
            arguments.push(format!("{}: {of}{cast}", input.name));
        }
        let ids = format!(
            "let ids = tokenize({}, {}, {}) |> batch",
            self.param(),
            super::labels::quoted(tokenizer),
            bound.unwrap_or(1)
        );
        Ok((vec![ids], format!("infer({})", arguments.join(", "))))
    }

    /// Scores of the classes become a ranking.
    fn ranked(&self, (mut lines, infer): (Vec<String>, String)) -> Result<Vec<String>, String> {
        let fits = |output: &&Tensors| {
            output.dtype == DType::F32
                && matches!(output.dims.as_slice(), [_, CardDim::Is(n)] if *n == self.classes as u64)
        };
        let found: Vec<&Tensors> = self.net.outputs.iter().filter(fits).collect();
        let [output] = found.as_slice() else {
            return Err(format!("say which output holds the scores of the {} classes", self.classes));
        };
        let softmax = if self.are_probabilities(output) { "" } else { " |> softmax" };
        lines.push(format!("{infer}.{} |> first{softmax} |> rank", output.name));
        Ok(lines)
    }

    /// Whether all that the model gave are rows of probabilities.
    fn are_probabilities(&self, output: &Tensors) -> bool {
        let given = self.calls.iter().filter_map(|call| call.get(&output.onnx));
        let row = |row: &[f32]| row.iter().all(|x| *x >= 0.0) && (row.iter().sum::<f32>() - 1.0).abs() < 1e-2;
        given.fold(true, |all, tensor| match &tensor.data {
            mu_format::tensor::Data::F32(values) => all && values.chunks(self.classes.max(1)).all(row),
            _ => false,
        })
    }

    fn number(&self, (mut lines, infer): (Vec<String>, String)) -> Result<Vec<String>, String> {
        let [output] = self.net.outputs.as_slice() else {
            return Err("say which output holds the number".into());
        };
        let cast = match output.dtype {
            DType::F32 => "",
            DType::F64 => " |> to_f32",
            other => return Err(format!("make a number of `{}` ({})", output.name, other.name())),
        };
        let unit = self.unit;
        match output.dims.as_slice() {
            [_, CardDim::Is(1)] => {
                lines.push(format!("let y = {infer}.{}{cast} |> first", output.name));
                lines.push(format!("y[0] * 1.0 {unit}"));
            }
            [_] => lines.push(format!("({infer}.{}{cast} |> first) * 1.0 {unit}", output.name)),
            _ => return Err(format!("make one number of `{}`", output.name)),
        }
        Ok(lines)
    }

    fn vector(&self, (mut lines, infer): (Vec<String>, String)) -> Result<Vec<String>, String> {
        let vectors =
            |output: &&Tensors| output.dtype == DType::F32 && matches!(output.dims.as_slice(), [_, CardDim::Is(_)]);
        let tokens = |output: &&Tensors| {
            output.dtype == DType::F32 && matches!(output.dims.as_slice(), [_, CardDim::Free(..), CardDim::Is(_)])
        };
        let outputs = &self.net.outputs;
        let pooled = outputs.iter().find(|o| vectors(o) && outputs.len() == 1);
        match (pooled, outputs.iter().find(tokens)) {
            (Some(output), _) => lines.push(format!("{infer}.{} |> first |> unit_length", output.name)),
            (None, Some(output)) => {
                lines.push("// The mean over the tokens is assumed, as sentence transformers take it.".to_owned());
                lines.push(format!("{infer}.{} |> first |> mean_first |> unit_length", output.name));
            }
            _ => return Err("say which output holds the vector".into()),
        }
        Ok(lines)
    }
}

/// A number as the language writes it: with a point, without an exponent where it is of a usual size.
fn decimal(x: f64) -> String {
    let text = format!("{x}");
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}
