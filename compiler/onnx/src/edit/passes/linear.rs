//! `LinearClassifier` and `LinearRegressor` as products of matrices.

use super::super::graph::{Index, ML};
use super::super::proto::{Graph, Model, Node, Tensor, elem};

/// What follows the scores.
enum After {
    Nothing,
    Softmax,
    Sigmoid,
}

impl After {
    fn of(node: &Node) -> Option<After> {
        match node.text("post_transform") {
            None | Some("NONE") => Some(After::Nothing),
            Some("SOFTMAX") => Some(After::Softmax),
            Some("LOGISTIC") => Some(After::Sigmoid),
            _ => None,
        }
    }
}

pub(super) fn linear(model: &mut Model) -> bool {
    model.opset();
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let mut changed = false;
    for place in (0..graph.node.len()).rev() {
        let node = graph.node[place].clone();
        let rewritten = if node.is(ML, "LinearClassifier") {
            classifier(graph, &index, &node)
        } else if node.is(ML, "LinearRegressor") {
            regressor(graph, &node)
        } else {
            None
        };
        if let Some(nodes) = rewritten {
            graph.splice(place, nodes);
            changed = true;
        }
    }
    changed
}

/// One row of weights a class. The scores of two classes from one row are left to the runtime, which knows them.
fn classifier(graph: &mut Graph, index: &Index, node: &Node) -> Option<Vec<Node>> {
    let texts = node.attribute("classlabels_strings").map_or(0, |attribute| attribute.strings.len());
    let classes = texts.max(node.ints("classlabels_ints").len());
    let rows = node.floats("intercepts").len();
    let scores = node.output.get(1)?;
    if index.uses(node.out0()) > 0 || classes < 2 || !(rows == classes || rows == 0 && classes > 2) {
        return None;
    }
    product(graph, node, classes, scores)
}

fn regressor(graph: &mut Graph, node: &Node) -> Option<Vec<Node>> {
    let targets = usize::try_from(node.int("targets").unwrap_or(1)).ok()?;
    product(graph, node, targets, node.out0())
}

fn product(graph: &mut Graph, node: &Node, rows: usize, output: &str) -> Option<Vec<Node>> {
    let weights = node.floats("coefficients");
    let intercepts = node.floats("intercepts");
    let columns = weights.len().checked_div(rows)?;
    if columns == 0 || weights.len() != rows * columns || !(intercepts.is_empty() || intercepts.len() == rows) {
        return None;
    }
    let after = After::of(node)?;
    let zeros = vec![0.0; rows];
    let bias = if intercepts.is_empty() { &zeros[..] } else { intercepts };
    let shape = [rows as i64, columns as i64];
    let weights = graph.constant(&format!("{output}.weights"), |name| Tensor::floats(name, &shape, weights));
    let bias = graph.constant(&format!("{output}.bias"), |name| Tensor::floats(name, &shape[..1], bias));
    let float = graph.fresh(&format!("{output}.float"));
    let sums = match after {
        After::Nothing => output.to_owned(),
        _ => graph.fresh(&format!("{output}.sums")),
    };
    let mut nodes = vec![
        Node::new("Cast", &[node.in0()], &float).with_int("to", i64::from(elem::FLOAT)),
        Node::new("Gemm", &[&float, &weights, &bias], &sums).with_int("transB", 1),
    ];
    match after {
        After::Nothing => {}
        After::Softmax => nodes.push(Node::new("Softmax", &[&sums], output).with_int("axis", 1)),
        After::Sigmoid => nodes.push(Node::new("Sigmoid", &[&sums], output)),
    }
    Some(nodes)
}
