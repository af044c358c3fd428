//! Finding one's way in a graph, and small changes that the passes are made of.

use super::proto::{Attribute, Dimension, Graph, Node, Shape, Tensor, TensorType, Type, Value, kind};
use std::collections::{BTreeMap, BTreeSet};

/// The domain of the operators of classical machine learning.
pub(super) const ML: &str = "ai.onnx.ml";

/// Where the values of a graph are made and how often they are used.
pub(super) struct Index {
    /// The node, and which of its outputs.
    makers: BTreeMap<String, (usize, usize)>,
    initializers: BTreeMap<String, usize>,
    /// Subgraphs and the outputs of the graph count, too.
    uses: BTreeMap<String, usize>,
}

impl Index {
    pub(super) fn of(graph: &Graph) -> Index {
        let mut makers = BTreeMap::new();
        for (n, node) in graph.node.iter().enumerate() {
            for (o, name) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                makers.insert(name.clone(), (n, o));
            }
        }
        let initializers = graph.initializer.iter().enumerate();
        let initializers = initializers.filter_map(|(i, tensor)| Some((tensor.name.clone()?, i))).collect();
        let mut uses = BTreeMap::new();
        count_uses(graph, &mut uses);
        Index { makers, initializers, uses }
    }

    /// The node that makes a value.
    pub(super) fn maker<'g>(&self, graph: &'g Graph, value: &str) -> Option<&'g Node> {
        graph.node.get(self.makers.get(value)?.0)
    }

    /// The place of the node that makes a value, and which of its outputs the value is.
    pub(super) fn place(&self, value: &str) -> Option<(usize, usize)> {
        self.makers.get(value).copied()
    }

    /// A value that is known before the model runs: an initializer or the output of a `Constant`.
    pub(super) fn constant<'g>(&self, graph: &'g Graph, value: &str) -> Option<&'g Tensor> {
        if let Some(i) = self.initializers.get(value) {
            return graph.initializer.get(*i);
        }
        let node = self.maker(graph, value).filter(|node| node.is("", "Constant"))?;
        node.attribute("value")?.t.as_ref()
    }

    /// How often a value is used.
    pub(super) fn uses(&self, value: &str) -> usize {
        self.uses.get(value).copied().unwrap_or(0)
    }
}

fn count_uses(graph: &Graph, uses: &mut BTreeMap<String, usize>) {
    let outputs = graph.output.iter().map(|output| &output.name);
    for name in graph.node.iter().flat_map(|node| &node.input).chain(outputs).filter(|name| !name.is_empty()) {
        *uses.entry(name.clone()).or_insert(0) += 1;
    }
    for inner in graph.node.iter().flat_map(Node::graphs) {
        count_uses(inner, uses);
    }
}

impl Node {
    /// A node of ONNX's own domain with one output.
    pub(super) fn new(op: &str, inputs: &[&str], output: &str) -> Node {
        Node {
            op_type: op.to_owned(),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            name: Some(format!("{output}.{op}")),
            ..Node::default()
        }
    }

    pub(super) fn with_int(mut self, name: &str, value: i64) -> Node {
        let name = name.to_owned();
        self.attribute.push(Attribute { name, i: Some(value), r#type: Some(kind::INT), ..Attribute::default() });
        self
    }

    pub(super) fn with_ints(mut self, name: &str, ints: Vec<i64>) -> Node {
        let name = name.to_owned();
        self.attribute.push(Attribute { name, ints, r#type: Some(kind::INTS), ..Attribute::default() });
        self
    }

    /// Whether this is the operator `op` of the domain; ONNX's own is the empty one.
    pub(super) fn is(&self, domain: &str, op: &str) -> bool {
        let own = match self.domain.as_deref() {
            None | Some("ai.onnx") => "",
            Some(own) => own,
        };
        own == domain && self.op_type == op
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.i
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.f
    }

    /// Numbers of an attribute; none where there is no such attribute.
    pub(super) fn floats(&self, name: &str) -> &[f32] {
        self.attribute(name).map_or(&[], |attribute| &attribute.floats)
    }

    pub(super) fn ints(&self, name: &str) -> &[i64] {
        self.attribute(name).map_or(&[], |attribute| &attribute.ints)
    }

    /// A text of an attribute.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.attribute(name)?.s.as_deref()?).ok()
    }

    pub(super) fn in0(&self) -> &str {
        self.input.first().map_or("", String::as_str)
    }

    pub(super) fn out0(&self) -> &str {
        self.output.first().map_or("", String::as_str)
    }

    fn graphs(&self) -> impl Iterator<Item = &Graph> {
        self.attribute.iter().flat_map(|attribute| attribute.g.iter().chain(&attribute.graphs))
    }
}

impl Value {
    /// A tensor; `None` is a dimension that is not known.
    pub(super) fn tensor(name: &str, elem_type: i32, dims: Option<&[Option<i64>]>) -> Value {
        let dim = |value: &Option<i64>| Dimension { value: *value, ..Dimension::default() };
        let shape = dims.map(|dims| Shape { dim: dims.iter().map(dim).collect() });
        let tensor_type = Some(TensorType { elem_type: Some(elem_type), shape });
        Value { name: name.to_owned(), r#type: Some(Type { tensor_type, ..Type::default() }) }
    }

    /// ONNX's number of the element type, where it is a tensor.
    pub(super) fn elem(&self) -> Option<i32> {
        self.r#type.as_ref()?.tensor_type.as_ref()?.elem_type
    }

    /// The number of dimensions, where it is stated.
    pub(super) fn rank(&self) -> Option<usize> {
        Some(self.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim.len())
    }
}

impl Graph {
    /// Replaces the node at `place` by others.
    pub(super) fn splice(&mut self, place: usize, nodes: Vec<Node>) {
        self.node.splice(place..=place, nodes);
    }

    /// A name that begins as `wanted` and that nothing has.
    pub(super) fn fresh(&self, wanted: &str) -> String {
        let taken: BTreeSet<&str> = self.names().collect();
        let mut name = wanted.to_owned();
        let mut number = 0;
        while taken.contains(name.as_str()) {
            number += 1;
            name = format!("{wanted}.{number}");
        }
        name
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let made = self.node.iter().flat_map(|node| &node.output).map(String::as_str);
        let given = self.input.iter().map(|input| input.name.as_str());
        made.chain(given).chain(self.initializer.iter().filter_map(|tensor| tensor.name.as_deref()))
    }

    /// Adds a constant under a name that begins as `wanted`; returns the name.
    pub(super) fn constant(&mut self, wanted: &str, make: impl FnOnce(&str) -> Tensor) -> String {
        let name = self.fresh(wanted);
        self.initializer.push(make(&name));
        name
    }

    /// Removes nodes and initializers that nothing needs.
    pub(super) fn sweep(&mut self) {
        let index = Index::of(self);
        let mut needed = BTreeSet::new();
        let mut kept = vec![false; self.node.len()];
        let mut open: Vec<String> = self.output.iter().map(|output| output.name.clone()).collect();
        while let Some(name) = open.pop() {
            if !needed.insert(name.clone()) {
                continue;
            }
            let Some((place, _)) = index.place(&name) else { continue };
            if !std::mem::replace(&mut kept[place], true) {
                let node = &self.node[place];
                open.extend(node.input.iter().cloned());
                let mut inner = BTreeMap::new();
                node.graphs().for_each(|graph| count_uses(graph, &mut inner));
                open.extend(inner.into_keys());
            }
        }
        let mut kept = kept.into_iter();
        self.node.retain(|_| kept.next().unwrap_or(true));
        let inputs: BTreeSet<&str> = self.input.iter().map(|input| input.name.as_str()).collect();
        self.initializer.retain(|tensor| {
            let name = tensor.name.as_deref().unwrap_or("");
            needed.contains(name) || inputs.contains(name)
        });
    }
}
