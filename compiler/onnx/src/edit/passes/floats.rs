//! Weights that are kept in 16 bits.

use super::super::graph::Index;
use super::super::proto::{Model, Tensor, elem};

/// Folds casts of constants to f32 into the constants.
pub(super) fn half(model: &mut Model) -> bool {
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let mut widened = Vec::new();
    for (place, node) in graph.node.iter().enumerate() {
        if !node.is("", "Cast") || node.int("to") != Some(i64::from(elem::FLOAT)) {
            continue;
        }
        let constant = index.constant(graph, node.in0()).filter(|tensor| tensor.elem() == elem::FLOAT16);
        if let Some(values) = constant.and_then(|tensor| Some((tensor.dims.clone(), tensor.to_floats()?))) {
            widened.push((place, Tensor::floats(node.out0(), &values.0, &values.1)));
        }
    }
    let changed = !widened.is_empty();
    for (place, tensor) in widened.into_iter().rev() {
        graph.node.remove(place);
        graph.initializer.push(tensor);
    }
    changed
}
