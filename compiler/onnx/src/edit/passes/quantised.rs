//! Quantised arithmetic as arithmetic on floats: weights are widened once, activations are no longer rounded to 8 bits, but cut off as before.

use super::super::graph::Index;
use super::super::proto::{Graph, Model, Node, Tensor, elem};

pub(super) fn quantised(model: &mut Model) -> bool {
    let weights = weights(model.graph.get_or_insert_default());
    let activations = activations(model);
    let dynamic = dynamic(model.graph.get_or_insert_default());
    weights || activations || dynamic
}

/// A quantised tensor as the numbers it stands for: `(x - zero) * scale`, both for all of it or for each place on an axis.
fn widen(tensor: &Tensor, scale: &[f32], zero: &[f32], axis: i64) -> Option<Vec<f32>> {
    let values = tensor.to_floats()?;
    let axis = usize::try_from(if axis < 0 { axis + tensor.dims.len() as i64 } else { axis }).ok()?;
    let rest = tensor.dims.get(axis.min(tensor.dims.len())..)?;
    let along = usize::try_from(rest.first().copied().unwrap_or(1)).ok()?;
    let inner = rest.iter().skip(1).product::<i64>() as usize;
    let fits = |numbers: &[f32]| numbers.len() <= 1 || numbers.len() == along;
    if !fits(scale) || !fits(zero) || scale.is_empty() {
        return None;
    }
    let at = |numbers: &[f32], i: usize, or: f32| match numbers {
        [] => or,
        [one] => *one,
        _ => numbers.get(i / inner.max(1) % along.max(1)).copied().unwrap_or(or),
    };
    Some(values.iter().enumerate().map(|(i, x)| (x - at(zero, i, 0.0)) * at(scale, i, 1.0)).collect())
}

/// `DequantizeLinear` of constants.
fn weights(graph: &mut Graph) -> bool {
    let index = Index::of(graph);
    let mut found = Vec::new();
    for (place, node) in graph.node.iter().enumerate().filter(|(_, node)| node.is("", "DequantizeLinear")) {
        let numbers = |input: usize| match node.input.get(input).filter(|name| !name.is_empty()) {
            Some(name) => index.constant(graph, name)?.to_floats(),
            None => Some(Vec::new()),
        };
        let widened = index.constant(graph, node.in0()).and_then(|tensor| {
            let values = widen(tensor, &numbers(1)?, &numbers(2)?, node.int("axis").unwrap_or(1))?;
            Some(Tensor::floats(node.out0(), &tensor.dims, &values))
        });
        found.extend(widened.map(|tensor| (place, tensor)));
    }
    let changed = !found.is_empty();
    for (place, tensor) in found.into_iter().rev() {
        graph.node.remove(place);
        graph.initializer.push(tensor);
    }
    changed
}

/// A quantising pair of nodes: the second one, the value before, and the least and the largest number that pass.
type Pair = (usize, String, f32, f32);

/// `QuantizeLinear` and `DequantizeLinear` in a row, with the same scale and zero: what they cut off is cut off still, as activation
/// functions are folded into that.
fn activations(model: &mut Model) -> bool {
    // Bounds as inputs came with version 11.
    if model.opset() < 11 {
        return false;
    }
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let constant = |node: &Node, input: usize| match node.input.get(input).filter(|name| !name.is_empty()) {
        Some(name) => index.constant(graph, name),
        None => None,
    };
    let pair = |place: usize, node: &Node| -> Option<Pair> {
        let quantise = index.maker(graph, node.in0()).filter(|maker| maker.is("", "QuantizeLinear"))?;
        let numbers = |node: &Node, input: usize| constant(node, input).and_then(Tensor::to_floats);
        let (scale, zero) = (numbers(quantise, 1)?, numbers(quantise, 2));
        if !node.is("", "DequantizeLinear") || numbers(node, 1)? != scale || numbers(node, 2) != zero {
            return None;
        }
        let kind = constant(quantise, 2).map_or(elem::UINT8, Tensor::elem);
        let (least, most) = match kind {
            elem::UINT8 => (0.0, 255.0),
            elem::INT8 => (-128.0, 127.0),
            _ => return None,
        };
        let ([scale], zero) = (scale.as_slice(), zero.unwrap_or_else(|| vec![0.0])) else { return None };
        let zero = zero.first().copied().unwrap_or(0.0);
        Some((place, quantise.in0().to_owned(), (least - zero) * scale, (most - zero) * scale))
    };
    let pairs: Vec<Pair> = graph.node.iter().enumerate().filter_map(|(place, node)| pair(place, node)).collect();
    for (place, from, least, most) in &pairs {
        let to = graph.node[*place].out0().to_owned();
        let least = graph.constant(&format!("{to}.least"), |name| Tensor::floats(name, &[], &[*least]));
        let most = graph.constant(&format!("{to}.most"), |name| Tensor::floats(name, &[], &[*most]));
        graph.node[*place] = Node::new("Clip", &[from, &least, &most], &to);
    }
    !pairs.is_empty()
}

/// `DynamicQuantizeLinear` before products of whole numbers. The products become those of floats with the scale of the activation
/// set to one, so that what follows stays as it is.
fn dynamic(graph: &mut Graph) -> bool {
    let index = Index::of(graph);
    let mut replaced: Vec<(usize, Node, Tensor)> = Vec::new();
    let mut scales: Vec<(usize, String)> = Vec::new();
    for (place, quantise) in graph.node.iter().enumerate().filter(|(_, node)| node.is("", "DynamicQuantizeLinear")) {
        let users: Vec<usize> = (0..graph.node.len())
            .filter(|user| graph.node[*user].input.iter().any(|name| name == quantise.out0()))
            .collect();
        let products: Option<Vec<_>> = users.iter().map(|user| product(graph, &index, quantise, *user)).collect();
        let zero = quantise.output.get(2).map_or(0, |zero| index.uses(zero));
        let counted = users.len() == index.uses(quantise.out0()) && users.len() == zero;
        let (Some(products), Some(scale), true) = (products, quantise.output.get(1), counted) else { continue };
        replaced.extend(products);
        scales.push((place, scale.clone()));
    }
    let changed = !scales.is_empty();
    for (place, node, weights) in replaced {
        graph.initializer.push(weights);
        graph.node[place] = node;
    }
    scales.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    for (place, scale) in scales {
        graph.node.remove(place);
        graph.initializer.push(Tensor::floats(&scale, &[], &[1.0]));
    }
    changed
}

/// The product of floats in the place of one of whole numbers, with its weights.
fn product(graph: &Graph, index: &Index, quantise: &Node, place: usize) -> Option<(usize, Node, Tensor)> {
    let node = graph.node.get(place)?;
    let op = match node.op_type.as_str() {
        "MatMulInteger" => "MatMul",
        "ConvInteger" => "Conv",
        _ => return None,
    };
    if node.in0() != quantise.out0() || node.input.get(2) != quantise.output.get(2) {
        return None;
    }
    let weights = index.constant(graph, node.input.get(1)?)?;
    let zero = match node.input.get(3).filter(|name| !name.is_empty()) {
        Some(name) => index.constant(graph, name)?.to_floats()?,
        None => Vec::new(),
    };
    // Zeros of a product go by column, those of a convolution by its first axis.
    let axis = if op == "MatMul" { -1 } else { 0 };
    let values = widen(weights, &[1.0], &zero, axis)?;
    let name = format!("{}.weights.{place}", node.out0());
    let tensor = Tensor::floats(&name, &weights.dims, &values);
    let mut product = Node::new(op, &[quantise.in0(), &name], node.out0());
    product.attribute = node.attribute.clone();
    Some((place, product, tensor))
}
