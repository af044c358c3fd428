//! What may be fed to a model: read off the operators that its inputs go into.

use super::Edit;
use super::graph::{Index, ML};
use super::proto::{Graph, Node, elem};
use std::collections::BTreeMap;

/// What an input takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Hint {
    /// Whole numbers from 0 on, below this: rows of a table.
    Below(u64),
    /// From the first to the second: what a quantised model keeps of it.
    Within(f32, f32),
    /// Each column lies around its middle, so far.
    Around { middle: Vec<f32>, spread: Vec<f32> },
    /// Each column is compared with these, in order; no values where the column is not looked at.
    Compared(Vec<Vec<f32>>),
}

/// What the inputs take, by name, as far as the operators tell. Ask before passes are applied.
pub fn hints(edit: &Edit) -> BTreeMap<String, Hint> {
    let graph = edit.graph();
    let index = Index::of(graph);
    let mut hints = BTreeMap::new();
    for input in &graph.input {
        let mut open = vec![input.name.as_str()];
        let mut found = None;
        // A few steps from an input tell or nothing does.
        for _ in 0..16 {
            let Some(name) = open.pop() else { break };
            for node in graph.node.iter().filter(|node| node.input.iter().any(|i| i == name)) {
                match node.op_type.as_str() {
                    "Identity" | "Cast" | "Imputer" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
                        open.push(node.out0());
                    }
                    "Gather" if node.input.get(1).is_some_and(|i| i == name) => {
                        let table = index.constant(graph, node.in0());
                        let axis = usize::try_from(node.int("axis").unwrap_or(0)).unwrap_or(0);
                        let rows = table.and_then(|table| table.dims.get(axis)).and_then(|n| u64::try_from(*n).ok());
                        found = least(found, rows);
                    }
                    "OneHot" if node.in0() == name => {
                        let depth = node.input.get(1).and_then(|depth| index.constant(graph, depth));
                        let depth = depth.and_then(|depth| depth.to_ints()?.first().copied());
                        found = least(found, depth.and_then(|depth| u64::try_from(depth).ok()));
                    }
                    "QuantizeLinear" if node.in0() == name => found = within(graph, &index, node).or(found),
                    "Scaler" if node.is(ML, "Scaler") => {
                        let spread = node.floats("scale").iter().map(|scale| 1.0 / scale).collect();
                        found = Some(Hint::Around { middle: node.floats("offset").to_vec(), spread });
                    }
                    op if op.starts_with("TreeEnsemble") => found = compared(node).or(found),
                    _ => {}
                }
            }
        }
        if let Some(hint) = found {
            hints.insert(input.name.clone(), hint);
        }
    }
    hints
}

fn least(known: Option<Hint>, rows: Option<u64>) -> Option<Hint> {
    match (known, rows) {
        (Some(Hint::Below(a)), Some(b)) => Some(Hint::Below(a.min(b))),
        (None, Some(b)) => Some(Hint::Below(b)),
        (known, _) => known,
    }
}

/// The numbers that 8 bits stand for.
fn within(graph: &Graph, index: &Index, node: &Node) -> Option<Hint> {
    let constant = |input: usize| node.input.get(input).and_then(|name| index.constant(graph, name));
    let scale = *constant(1)?.to_floats()?.first()?;
    let zero = constant(2)?;
    let (least, most) = if zero.elem() == elem::INT8 { (-128.0, 127.0) } else { (0.0, 255.0) };
    let zero = *zero.to_floats()?.first()?;
    Some(Hint::Within((least - zero) * scale, (most - zero) * scale))
}

/// The thresholds of each column, ascending.
fn compared(node: &Node) -> Option<Hint> {
    /// Columns beyond this number are not looked at.
    const MOST: usize = 1 << 16;
    let columns = node.ints("nodes_featureids");
    let most = usize::try_from(*columns.iter().max()?).ok().filter(|most| *most < MOST)?;
    let mut thresholds = vec![Vec::new(); most + 1];
    let modes = node.attribute("nodes_modes").map_or(&[][..], |attribute| &attribute.strings);
    for ((column, value), mode) in columns.iter().zip(node.floats("nodes_values")).zip(modes) {
        if mode != b"LEAF" {
            thresholds.get_mut(usize::try_from(*column).ok()?)?.push(*value);
        }
    }
    thresholds.iter_mut().for_each(|values| values.sort_by(f32::total_cmp));
    Some(Hint::Compared(thresholds))
}
