//! What prepares the columns of a table (`Scaler`, `Imputer`, `OneHotEncoder`, `FeatureVectorizer`, `Binarizer`) as plain
//! operators.

use super::super::graph::ML;
use super::super::proto::{Graph, Model, Node, Tensor, elem};

pub(super) fn columns(model: &mut Model) -> bool {
    let opset = model.opset();
    let graph = model.graph.get_or_insert_default();
    let mut changed = false;
    for place in (0..graph.node.len()).rev() {
        let node = graph.node[place].clone();
        if node.domain.as_deref() != Some(ML) {
            continue;
        }
        let nodes = match node.op_type.as_str() {
            "Scaler" => scaler(graph, &node),
            "Imputer" => imputer(graph, &node),
            "OneHotEncoder" => one_hot(graph, &node, opset),
            "FeatureVectorizer" => vectorizer(graph, &node),
            "Binarizer" => binarizer(graph, &node),
            _ => None,
        };
        if let Some(nodes) = nodes {
            graph.splice(place, nodes);
            changed = true;
        }
    }
    changed
}

fn cast(from: &str, to: &str, elem: i32) -> Node {
    Node::new("Cast", &[from], to).with_int("to", i64::from(elem))
}

/// A row of constants.
fn row(graph: &mut Graph, name: String, values: &[f32]) -> String {
    graph.constant(&name, |name| Tensor::floats(name, &[values.len() as i64], values))
}

/// `(x - offset) * scale`
fn scaler(graph: &mut Graph, node: &Node) -> Option<Vec<Node>> {
    let (offset, scale) = (node.floats("offset"), node.floats("scale"));
    if offset.is_empty() || scale.is_empty() {
        return None;
    }
    let output = node.out0();
    let float = graph.fresh(&format!("{output}.float"));
    let centred = graph.fresh(&format!("{output}.centred"));
    let offset = row(graph, format!("{output}.offset"), offset);
    let scale = row(graph, format!("{output}.scale"), scale);
    Some(vec![
        cast(node.in0(), &float, elem::FLOAT),
        Node::new("Sub", &[&float, &offset], &centred),
        Node::new("Mul", &[&centred, &scale], output),
    ])
}

/// The stated value where `x` is the one to be replaced, by default NaN.
fn imputer(graph: &mut Graph, node: &Node) -> Option<Vec<Node>> {
    let values = node.floats("imputed_value_floats");
    if values.is_empty() {
        return None;
    }
    let (input, output) = (node.in0(), node.out0());
    let missing = graph.fresh(&format!("{output}.missing"));
    let replaced = node.float("replaced_value_float").unwrap_or(0.0);
    let values = row(graph, format!("{output}.values"), values);
    let find = if replaced.is_nan() {
        Node::new("IsNaN", &[input], &missing)
    } else {
        let replaced = row(graph, format!("{output}.replaced"), &[replaced]);
        Node::new("Equal", &[input, &replaced], &missing)
    };
    Some(vec![find, Node::new("Where", &[&missing, &values, input], output)])
}

/// A one at the place of the category, along a new last axis; zeros where there is no such category.
fn one_hot(graph: &mut Graph, node: &Node, opset: i64) -> Option<Vec<Node>> {
    let categories = node.ints("cats_int64s");
    if categories.is_empty() || node.int("zeros") == Some(0) {
        return None;
    }
    let output = node.out0();
    let whole = graph.fresh(&format!("{output}.whole"));
    let wide = graph.fresh(&format!("{output}.wide"));
    let same = graph.fresh(&format!("{output}.same"));
    let categories = graph.constant(&format!("{output}.categories"), |name| Tensor::ints(name, categories));
    let unsqueeze = if opset < 13 {
        Node::new("Unsqueeze", &[&whole], &wide).with_ints("axes", vec![-1])
    } else {
        let axes = graph.constant(&format!("{output}.axes"), |name| Tensor::ints(name, &[-1]));
        Node::new("Unsqueeze", &[&whole, &axes], &wide)
    };
    Some(vec![
        cast(node.in0(), &whole, elem::INT64),
        unsqueeze,
        Node::new("Equal", &[&wide, &categories], &same),
        cast(&same, output, elem::FLOAT),
    ])
}

fn vectorizer(graph: &mut Graph, node: &Node) -> Option<Vec<Node>> {
    let output = node.out0();
    let mut nodes = Vec::new();
    let mut parts = Vec::new();
    for (i, input) in node.input.iter().enumerate() {
        let part = graph.fresh(&format!("{output}.part.{i}"));
        nodes.push(cast(input, &part, elem::FLOAT));
        parts.push(part);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    nodes.push(Node::new("Concat", &parts, output).with_int("axis", 1));
    (!parts.is_empty()).then_some(nodes)
}

/// 1 where `x` is over the threshold, else 0.
fn binarizer(graph: &mut Graph, node: &Node) -> Option<Vec<Node>> {
    let output = node.out0();
    let over = graph.fresh(&format!("{output}.over"));
    let threshold = row(graph, format!("{output}.threshold"), &[node.float("threshold").unwrap_or(0.0)]);
    Some(vec![Node::new("Greater", &[node.in0(), &threshold], &over), cast(&over, output, elem::FLOAT)])
}
