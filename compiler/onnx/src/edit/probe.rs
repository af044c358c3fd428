//! The values before a final softmax or sigmoid, made outputs of the model: what a softmax makes of wrong values may look right,
//! and what it breaks may look like values.

use super::Edit;
use super::graph::Index;
use super::proto::{Graph, Value, elem};

/// An output and the value that its final softmax or sigmoid is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub output: String,
    pub before: String,
    /// `Softmax`, `LogSoftmax` or `Sigmoid`.
    pub operator: String,
}

/// A model with further outputs, and what each is.
pub fn probes(edit: &Edit) -> (Edit, Vec<Probe>) {
    let graph = edit.graph();
    let index = Index::of(graph);
    let found: Vec<Probe> = graph.output.iter().filter_map(|output| probe(graph, &index, &output.name)).collect();
    let mut probed = edit.clone();
    for probe in &found {
        let known = probed.graph().output.iter().any(|output| output.name == probe.before);
        if !known {
            probed.graph_mut().output.push(Value::tensor(&probe.before, elem::FLOAT, None));
        }
    }
    (probed, found)
}

/// Looks through what leaves the numbers of an output as they are, or nearly so.
fn probe(graph: &Graph, index: &Index, output: &str) -> Option<Probe> {
    let mut name = output;
    // No honest graph has more of these in a row.
    for _ in 0..16 {
        let node = index.maker(graph, name)?;
        match node.op_type.as_str() {
            "Softmax" | "LogSoftmax" | "Sigmoid" => {
                let before = node.in0();
                let made = index.place(before).is_some();
                let operator = node.op_type.clone();
                return made.then(|| Probe { output: output.to_owned(), before: before.to_owned(), operator });
            }
            "Identity" | "Cast" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "QuantizeLinear"
            | "DequantizeLinear" | "Normalizer" | "Clip" => name = node.in0(),
            _ => return None,
        }
    }
    None
}
