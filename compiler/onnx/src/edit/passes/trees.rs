//! Tree ensembles as the runtime knows them: `TreeEnsembleClassifier` on f32, with numbers for labels.

use super::super::graph::{Index, ML};
use super::super::proto::{Attribute, Graph, Model, Node, Tensor, elem, kind};

pub(super) fn trees(model: &mut Model) -> bool {
    let opset = model.opset();
    let graph = model.graph.get_or_insert_default();
    let index = Index::of(graph);
    let mut changed = false;
    for place in (0..graph.node.len()).rev() {
        let node = graph.node[place].clone();
        let nodes = if node.is(ML, "TreeEnsembleRegressor") {
            regressor(graph, &node, opset)
        } else if node.is(ML, "TreeEnsembleClassifier") {
            classifier(graph, &index, &node)
        } else {
            None
        };
        if let Some(nodes) = nodes {
            graph.splice(place, nodes);
            changed = true;
        }
    }
    changed
}

/// Labels that nobody asks for become numbers; whole numbers and doubles become f32 before the trees.
fn classifier(graph: &mut Graph, index: &Index, node: &Node) -> Option<Vec<Node>> {
    let mut node = node.clone();
    let mut nodes = Vec::new();
    let input = node.in0().to_owned();
    let is_float = graph.input.iter().find(|i| i.name == input).is_none_or(|i| i.elem() == Some(elem::FLOAT));
    if !is_float {
        let float = graph.fresh(&format!("{input}.float"));
        nodes.push(Node::new("Cast", &[&input], &float).with_int("to", i64::from(elem::FLOAT)));
        node.input = vec![float];
    }
    let texts = node.attribute("classlabels_strings").map_or(0, |attribute| attribute.strings.len());
    let numbered = texts > 0 && index.uses(node.out0()) == 0;
    if numbered {
        node.attribute.retain(|attribute| attribute.name != "classlabels_strings");
        node = node.with_ints("classlabels_int64s", (0..texts as i64).collect());
    }
    nodes.push(node);
    (numbered || !is_float).then_some(nodes)
}

/// A regressor is a classifier whose scores are its targets. Three classes more than there are targets keep both the runtime and
/// others from the special case of two classes.
fn regressor(graph: &mut Graph, node: &Node, opset: i64) -> Option<Vec<Node>> {
    let targets = usize::try_from(node.int("n_targets").unwrap_or(1)).ok()?;
    if !matches!(node.text("post_transform"), None | Some("NONE")) || opset < 10 {
        return None;
    }
    let trees = node.ints("nodes_treeids").iter().max()? + 1;
    let share = match node.text("aggregate_function") {
        None | Some("SUM") => 1.0,
        Some("AVERAGE") => 1.0 / trees as f32,
        _ => return None,
    };
    let mut attributes: Vec<Attribute> = Vec::new();
    for attribute in &node.attribute {
        let mut attribute = attribute.clone();
        match attribute.name.as_str() {
            "n_targets" | "aggregate_function" => continue,
            "target_ids" | "target_nodeids" | "target_treeids" => {
                attribute.name = attribute.name.replace("target", "class")
            }
            "target_weights" => {
                attribute.name = "class_weights".into();
                attribute.floats.iter_mut().for_each(|weight| *weight *= share);
            }
            "base_values" => attribute.floats.resize(targets + 3, 0.0),
            _ => {}
        }
        attributes.push(attribute);
    }
    attributes.push(Attribute {
        name: "classlabels_int64s".into(),
        ints: (0..targets as i64 + 3).collect(),
        r#type: Some(kind::INTS),
        ..Attribute::default()
    });
    let output = node.out0();
    let float = graph.fresh(&format!("{output}.float"));
    let label = graph.fresh(&format!("{output}.label"));
    let scores = graph.fresh(&format!("{output}.scores"));
    let from = graph.constant(&format!("{output}.from"), |name| Tensor::ints(name, &[0]));
    let to = graph.constant(&format!("{output}.to"), |name| Tensor::ints(name, &[targets as i64]));
    let axes = graph.constant(&format!("{output}.axes"), |name| Tensor::ints(name, &[1]));
    let trees = Node {
        op_type: "TreeEnsembleClassifier".into(),
        domain: Some(ML.into()),
        name: Some(format!("{output}.trees")),
        input: vec![float.clone()],
        output: vec![label, scores.clone()],
        attribute: attributes,
        ..Node::default()
    };
    Some(vec![
        Node::new("Cast", &[node.in0()], &float).with_int("to", i64::from(elem::FLOAT)),
        trees,
        Node::new("Slice", &[&scores, &from, &to, &axes], output),
    ])
}
