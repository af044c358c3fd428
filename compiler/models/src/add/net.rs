//! The net of a card: the file's tensors with names and dimensions of the language.

use crate::error::Error;
use crate::gate::{Input, Size};
use mu_format::tensor::{DType, Tensor};
use mu_onnx::{Dim, Dtype, Port};
use std::collections::BTreeMap;

/// An input or output of the net.
#[derive(Debug, Clone)]
pub struct Tensors {
    /// In the language.
    pub name: String,
    pub onnx: String,
    pub dtype: DType,
    pub dims: Vec<CardDim>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardDim {
    Is(u64),
    /// `N`: one at every call.
    Batch,
    /// A name and the largest size.
    Free(String, u64),
}

pub struct Net {
    pub inputs: Vec<Tensors>,
    pub outputs: Vec<Tensors>,
}

/// Bounds of free dimensions, by what they seem to be.
const TOKENS: u64 = 256;
const SIDE: u64 = 1024;
const OTHER: u64 = 1024;

/// The free dimensions of a file, each with a name of the language.
pub struct Free<'a> {
    /// Sizes that the user fixes, by the file's name.
    pub fixed: &'a BTreeMap<String, u64>,
    /// The most tokens, where the model says it.
    pub tokens: Option<u64>,
    batch: Vec<String>,
    /// By the file's name.
    known: BTreeMap<String, CardDim>,
}

impl<'a> Free<'a> {
    pub fn new(model: &mu_onnx::Model, fixed: &'a BTreeMap<String, u64>, tokens: Option<u64>) -> Free<'a> {
        // The first dimension is the batch, and so is every other of its name.
        let first = model.inputs.iter().filter_map(|port| port.dims.as_ref()?.first());
        let batch = first.filter_map(|dim| if let Dim::Named(name) = dim { Some(name.clone()) } else { None });
        let batch = batch.filter(|name| !fixed.contains_key(name)).collect();
        Free { fixed, tokens, batch, known: BTreeMap::new() }
    }

    /// The dimensions of an input in the language.
    pub fn dims(&mut self, port: &Port) -> Result<Vec<CardDim>, Error> {
        let dims = port.dims.as_ref().ok_or_else(|| {
            Error::wrong(format!("the file does not say how many dimensions the input `{}` has", port.name))
                .help("export the model with the shapes of its inputs")
        })?;
        Ok(dims.iter().enumerate().map(|(axis, dim)| self.dim(port, axis, dims.len(), dim)).collect())
    }

    fn dim(&mut self, port: &Port, axis: usize, rank: usize, dim: &Dim) -> CardDim {
        let name = match dim {
            Dim::Is(n) => return CardDim::Is(*n),
            Dim::Named(name) => name.clone(),
            Dim::Unknown => format!("{}.{axis}", port.name),
        };
        if let Some(size) = self.fixed.get(&name) {
            return CardDim::Is(*size);
        }
        if self.batch.contains(&name) || axis == 0 {
            return CardDim::Batch;
        }
        if let Some(known) = self.known.get(&name) {
            return known.clone();
        }
        let integers = matches!(port.dtype, Dtype::I32 | Dtype::I64);
        let (wanted, bound) = match (rank, axis) {
            (4, 2) => ("H", SIDE),
            (4, 3) => ("W", SIDE),
            (2, 1) if integers => ("S", self.tokens.unwrap_or(TOKENS).min(4096)),
            _ => ("D", OTHER),
        };
        let taken = |name: &str| self.known.values().any(|dim| matches!(dim, CardDim::Free(n, _) if n == name));
        let mut own = wanted.to_owned();
        let mut number = 1;
        while taken(&own) {
            number += 1;
            own = format!("{wanted}{number}");
        }
        let free = CardDim::Free(own, bound);
        self.known.insert(name, free.clone());
        free
    }
}

/// The inputs of a file in the language.
pub fn inputs(model: &mu_onnx::Model, free: &mut Free) -> Result<Vec<Tensors>, Error> {
    let mut inputs = Vec::new();
    for port in &model.inputs {
        let dims = free.dims(port)?;
        inputs.push(Tensors { name: String::new(), onnx: port.name.clone(), dtype: dtype(port, "input")?, dims });
    }
    if inputs.is_empty() {
        return Err(Error::wrong("the model has no inputs").help("export a model that takes tensors"));
    }
    Ok(inputs)
}

/// The outputs of a file with their element types.
pub fn outputs(model: &mu_onnx::Model) -> Result<Vec<(String, DType)>, Error> {
    model.outputs.iter().map(|port| Ok((port.name.clone(), dtype(port, "output")?))).collect()
}

fn dtype(port: &Port, what: &str) -> Result<DType, Error> {
    DType::from_name(&port.dtype.to_string()).ok_or_else(|| {
        let error =
            Error::wrong(format!("the {what} `{}` is {}, which programs have no type for", port.name, port.dtype));
        error.help(match port.dtype {
            Dtype::F16 | Dtype::Bf16 => "export the model with inputs and outputs of f32 (`keep_io_types=True`)",
            Dtype::Text => "export the model without the part that reads text, and tokenise or encode in the adapter",
            _ => "export the model with bool, u8, i32, i64, f32 or f64",
        })
    })
}

impl Tensors {
    /// As the gate wants it: free dimensions take two sizes in turn.
    pub fn at_gate(&self) -> Input {
        let size = |dim: &CardDim| match dim {
            CardDim::Is(n) => Size::Is(*n as usize),
            CardDim::Batch => Size::Is(1),
            CardDim::Free(name, bound) => {
                let (a, b) = if name.starts_with(['H', 'W']) { (96, 64) } else { (16, 9) };
                Size::Free(name.clone(), [a.min(*bound as usize), b.min(*bound as usize)])
            }
        };
        Input { name: self.onnx.clone(), dtype: self.dtype, dims: self.dims.iter().map(size).collect() }
    }
}

/// The dimensions of the outputs: what two calls gave, held against the file and the sizes of the inputs' free dimensions.
pub fn settle(
    model: &mu_onnx::Model,
    inputs: &[Tensors],
    names: &[(String, DType)],
    calls: &[BTreeMap<String, Tensor>],
    sizes: &[BTreeMap<String, usize>],
    free: &Free,
) -> Vec<Tensors> {
    let bounds: BTreeMap<&str, u64> = inputs
        .iter()
        .flat_map(|input| &input.dims)
        .filter_map(|dim| if let CardDim::Free(name, bound) = dim { Some((name.as_str(), *bound)) } else { None })
        .collect();
    let settle = |(name, dtype): &(String, DType)| {
        let port = model.outputs.iter().find(|port| port.name == *name);
        let stated = port.and_then(|port| port.dims.as_ref());
        let shapes: Vec<&[usize]> = calls.iter().filter_map(|call| Some(call.get(name)?.shape.as_slice())).collect();
        let first = shapes.first().copied().unwrap_or_default();
        let dim = |(axis, n): (usize, &usize)| {
            let fixed = match stated.and_then(|dims| dims.get(axis)) {
                Some(Dim::Is(n)) => return CardDim::Is(*n),
                Some(Dim::Named(name)) if free.batch.contains(name) => return CardDim::Batch,
                _ => shapes.iter().all(|shape| shape.get(axis) == Some(n)),
            };
            let follows = |(name, bound): (&&str, &u64)| {
                let same = shapes.iter().zip(sizes).all(|(shape, sizes)| sizes.get(*name) == shape.get(axis));
                same.then(|| CardDim::Free((*name).to_owned(), *bound))
            };
            let batch = axis == 0 && *n == 1 && inputs.iter().any(|input| input.dims.contains(&CardDim::Batch));
            match bounds.iter().find_map(follows) {
                Some(free) if !fixed => free,
                _ if batch => CardDim::Batch,
                _ if fixed => CardDim::Is(*n as u64),
                _ => CardDim::Free("M".into(), OTHER),
            }
        };
        Tensors {
            name: String::new(),
            onnx: name.clone(),
            dtype: *dtype,
            dims: first.iter().enumerate().map(dim).collect(),
        }
    };
    names.iter().map(settle).collect()
}

/// The sizes that the free dimensions had in a call.
pub fn sizes(inputs: &[Tensors], sample: &[(String, Tensor)]) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    for (input, (_, tensor)) in inputs.iter().zip(sample) {
        for (dim, n) in input.dims.iter().zip(&tensor.shape) {
            if let CardDim::Free(name, _) = dim {
                sizes.insert(name.clone(), *n);
            }
        }
    }
    sizes
}

impl Net {
    /// Gives every tensor a name of the language.
    pub fn new(mut inputs: Vec<Tensors>, mut outputs: Vec<Tensors>) -> Net {
        for side in [&mut inputs, &mut outputs] {
            let mut taken = Vec::new();
            for tensors in side.iter_mut() {
                let mut name = super::names::word(&tensors.onnx);
                while taken.contains(&name) {
                    name.push('_');
                }
                taken.push(name.clone());
                tensors.name = name;
            }
        }
        Net { inputs, outputs }
    }

    /// `(input: f32[N, 4]) -> (probs: f32[N, 3])`; a bound stands where its dimension is first named.
    pub fn text(&self) -> String {
        let mut named = Vec::new();
        let mut side = |tensors: &[Tensors]| {
            let texts: Vec<String> = tensors.iter().map(|t| t.text(&mut named)).collect();
            format!("({})", texts.join(", "))
        };
        let inputs = side(&self.inputs);
        format!("{inputs} -> {}", side(&self.outputs))
    }
}

impl Tensors {
    fn text(&self, named: &mut Vec<String>) -> String {
        let mut dim = |dim: &CardDim| match dim {
            CardDim::Is(n) => n.to_string(),
            CardDim::Batch => "N".to_owned(),
            CardDim::Free(name, _) if named.contains(name) => name.clone(),
            CardDim::Free(name, bound) => {
                named.push(name.clone());
                format!("{name} <= {bound}")
            }
        };
        let dims: Vec<String> = self.dims.iter().map(&mut dim).collect();
        let onnx =
            if self.name == self.onnx { String::new() } else { format!(" {}", super::labels::quoted(&self.onnx)) };
        let shape = if dims.is_empty() { String::new() } else { format!("[{}]", dims.join(", ")) };
        format!("{}{onnx}: {}{shape}", self.name, self.dtype.name())
    }
}
