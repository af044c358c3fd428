//! Outputs of classifiers: scores stay, labels go, since the card says which label a score belongs to.

use super::super::graph::{Index, ML};
use super::super::proto::{Model, Node, Value, elem};

const CLASSIFIERS: [&str; 3] = ["LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier"];

/// `ZipMap` turns a tensor of scores into maps from labels: the tensor itself becomes the output, under the map's name.
pub(super) fn zip_map(model: &mut Model) -> bool {
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let batch = graph
        .input
        .first()
        .and_then(|input| Some(input.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim.first()?.clone()));
    let mut changed = false;
    for place in 0..graph.node.len() {
        let node = &graph.node[place];
        if !node.is(ML, "ZipMap") {
            continue;
        }
        let count = labels(node);
        let (scores, map) = (node.in0().to_owned(), node.out0().to_owned());
        let made_once = index.place(&scores).is_some() && index.uses(&scores) == 1;
        let Some(output) = graph.output.iter_mut().find(|output| output.name == map) else { continue };
        let mut tensor = Value::tensor(&map, elem::FLOAT, Some(&[None, count]));
        let shape = tensor.r#type.as_mut().and_then(|t| t.tensor_type.as_mut()).and_then(|t| t.shape.as_mut());
        if let (Some(first), Some(batch)) = (shape.and_then(|shape| shape.dim.first_mut()), &batch) {
            *first = batch.clone();
        }
        *output = tensor;
        match index.place(&scores) {
            Some((maker, out)) if made_once => {
                graph.node[maker].output[out] = map;
                graph.node[place] = Node::new("Identity", &[], "");
            }
            _ => graph.node[place] = Node::new("Identity", &[&scores], &map),
        }
        changed = true;
    }
    graph.node.retain(|node| !(node.op_type == "Identity" && node.input.is_empty()));
    changed
}

fn labels(node: &Node) -> Option<i64> {
    let texts = node.attribute("classlabels_strings").map_or(0, |attribute| attribute.strings.len());
    let count = texts.max(node.ints("classlabels_int64s").len());
    (count > 0).then_some(count as i64)
}

/// Leaves out outputs of labels where scores are there too.
pub(super) fn label_outputs(model: &mut Model) -> bool {
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let is_label = |output: &Value| {
        let mut name = output.name.as_str();
        if output.elem() == Some(elem::TEXT) {
            return true;
        }
        // No honest graph has more of these in a row.
        for _ in 0..16 {
            let Some((place, out)) = index.place(name) else { return false };
            let node = &graph.node[place];
            match node.op_type.as_str() {
                op if CLASSIFIERS.contains(&op) => return out == 0,
                "Identity" | "Cast" | "Reshape" | "Squeeze" | "Unsqueeze" | "LabelEncoder" => name = node.in0(),
                "ArrayFeatureExtractor" => name = node.input.get(1).map_or("", String::as_str),
                "ArgMax" => return output.rank() == Some(1),
                _ => return false,
            }
        }
        false
    };
    let labels: Vec<bool> = graph.output.iter().map(is_label).collect();
    let scores = graph.output.iter().zip(&labels).any(|(output, label)| !label && output.elem() == Some(elem::FLOAT));
    if !scores || !labels.contains(&true) {
        return false;
    }
    let mut labels = labels.into_iter();
    graph.output.retain(|_| labels.next() == Some(false));
    true
}
