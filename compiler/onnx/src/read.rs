//! From the bytes of a file to what the compiler knows of it.

use crate::error::Error;
use crate::model::{Dim, Dtype, External, Model, Port};
use crate::{Limits, proto, sniff, wire};
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};

/// Reads an ONNX model without its weights.
///
/// Refuses what is no model, what is damaged and what is over the limits. External files are named in the answer and not
/// opened: see [`Model::check_external`].
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Model, Error> {
    // What else it may be is asked only of a file that is no model: a model may begin with any name.
    parse(bytes, limits).map_err(|error| sniff::recognise(bytes).unwrap_or(error))
}

fn parse(bytes: &[u8], limits: &Limits) -> Result<Model, Error> {
    let nodes = wire::walk(bytes, limits)?;
    let file = proto::Model::decode(bytes).map_err(|error| Error::Damaged { detail: error.to_string() })?;
    let graph = file.graph.as_ref().ok_or(Error::Incomplete { part: "graph" })?;
    if file.opset_import.is_empty() {
        return Err(Error::Incomplete { part: "opset_import" });
    }
    if graph.output.is_empty() {
        return Err(Error::Incomplete { part: "output" });
    }
    let mut found = Found::new(limits, bytes.len() as u64);
    found.graph(graph)?;
    for function in &file.functions {
        found.nodes(&function.node)?;
    }
    let makers = makers(graph)?;
    let initialized: BTreeSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let given = graph.input.iter().filter(|input| !initialized.contains(input.name.as_str()));
    Ok(Model {
        ir_version: file.ir_version,
        opsets: file.opset_import.iter().map(|set| (domain(&set.domain).to_owned(), set.version)).collect(),
        producer: format!("{} {}", file.producer_name, file.producer_version).trim().to_owned(),
        inputs: given.map(|value| port(value, limits)).collect::<Result<_, _>>()?,
        outputs: graph.output.iter().map(|value| port(value, limits)).collect::<Result<_, _>>()?,
        operators: found.operators,
        parameters: found.parameters,
        metadata: file.metadata_props.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect(),
        external: found.external,
        softmax_outputs: graph.output.iter().map(|o| &o.name).filter(|o| is_softmax(o, &makers)).cloned().collect(),
        nodes,
    })
}

/// ONNX's own domain has two spellings, of which the empty one is usual.
fn domain(name: &str) -> &str {
    if name.is_empty() { "ai.onnx" } else { name }
}

/// What is gathered from all graphs of a file.
struct Found<'a> {
    limits: &'a Limits,
    /// Size of the file in bytes.
    file: u64,
    operators: BTreeMap<String, u64>,
    parameters: u64,
    external: Vec<External>,
}

impl Found<'_> {
    fn new(limits: &Limits, file: u64) -> Found<'_> {
        Found { limits, file, operators: BTreeMap::new(), parameters: 0, external: Vec::new() }
    }

    fn graph(&mut self, graph: &proto::Graph) -> Result<(), Error> {
        for tensor in &graph.initializer {
            self.parameters = self.parameters.saturating_add(self.tensor(tensor)?);
        }
        for values in graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref()) {
            self.parameters = self.parameters.saturating_add(self.tensor(values)?);
        }
        self.nodes(&graph.node)
    }

    /// Graphs nest no deeper than `Limits::depth`, which was proven before.
    fn nodes(&mut self, nodes: &[proto::Node]) -> Result<(), Error> {
        for node in nodes {
            let name = match domain(&node.domain) {
                "ai.onnx" => node.op_type.clone(),
                other => format!("{other}:{}", node.op_type),
            };
            *self.operators.entry(name).or_insert(0) += 1;
            for attribute in &node.attribute {
                if let Some(tensor) = &attribute.t {
                    let elements = self.tensor(tensor)?;
                    if node.op_type == "Constant" {
                        self.parameters = self.parameters.saturating_add(elements);
                    }
                }
                attribute.g.iter().chain(&attribute.graphs).try_for_each(|graph| self.graph(graph))?;
            }
        }
        Ok(())
    }

    /// Checks a tensor; returns its elements.
    fn tensor(&mut self, tensor: &proto::Tensor) -> Result<u64, Error> {
        let elements = elements(&tensor.name, &tensor.dims, self.limits)?;
        if tensor.data_location == 1 {
            self.external.push(external(tensor, elements)?);
        } else if elements / 2 > self.file {
            // No encoding takes less than half a byte for an element.
            return Err(Error::MissingWeights { tensor: tensor.name.clone(), elements });
        }
        Ok(elements)
    }
}

fn elements(tensor: &str, dims: &[i64], limits: &Limits) -> Result<u64, Error> {
    let absurd = || Error::AbsurdShape { tensor: tensor.to_owned(), dims: dims.to_vec(), limit: limits.elements };
    let mut product: u64 = 1;
    for dim in dims {
        let dim = u64::try_from(*dim).map_err(|_| absurd())?;
        // A zero somewhere must not hide the others.
        product = product.checked_mul(dim.max(1)).filter(|p| *p <= limits.elements).ok_or_else(absurd)?;
    }
    Ok(if dims.contains(&0) { 0 } else { product })
}

fn external(tensor: &proto::Tensor, elements: u64) -> Result<External, Error> {
    let value = |key: &str| tensor.external_data.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str());
    let number = |key: &str| value(key).and_then(|text| text.parse::<u64>().ok());
    let location = value("location").ok_or_else(|| Error::ExternalUnnamed { tensor: tensor.name.clone() })?;
    let inside = location.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !inside || location.contains(['\\', ':', '\0']) {
        return Err(Error::ExternalEscapes { location: location.to_owned() });
    }
    let by_shape = elements.saturating_mul(Dtype::from_onnx(tensor.data_type).bytes().unwrap_or(0));
    Ok(External {
        tensor: tensor.name.clone(),
        location: location.to_owned(),
        offset: number("offset").unwrap_or(0),
        bytes: number("length").unwrap_or(0).max(by_shape),
    })
}

fn port(value: &proto::Value, limits: &Limits) -> Result<Port, Error> {
    let name = value.name.clone();
    let Some(tensor) = value.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()) else {
        return Ok(Port { name, dtype: Dtype::NotTensor, dims: None });
    };
    let dtype = Dtype::from_onnx(tensor.elem_type);
    let dims: Option<Vec<Dim>> = tensor.shape.as_ref().map(|shape| shape.dim.iter().map(dim).collect());
    let known = dims.iter().flatten().filter_map(|dim| match dim {
        Dim::Is(n) => Some(i64::try_from(*n).unwrap_or(i64::MAX)),
        Dim::Named(_) | Dim::Unknown => None,
    });
    elements(&name, &known.collect::<Vec<_>>(), limits)?;
    Ok(Port { name, dtype, dims })
}

/// Some exporters write -1, and some `?`, for every free dimension, which does not make them the same.
fn dim(dim: &proto::Dimension) -> Dim {
    match (dim.value.and_then(|value| u64::try_from(value).ok()), &dim.param) {
        (Some(value), _) => Dim::Is(value),
        (None, Some(name)) if !matches!(name.as_str(), "" | "?" | "-1" | "None") => Dim::Named(name.clone()),
        (None, _) => Dim::Unknown,
    }
}

/// The node that makes each value of the main graph; fails where a value is used that nothing makes.
fn makers(graph: &proto::Graph) -> Result<BTreeMap<&str, &proto::Node>, Error> {
    let made = graph.node.iter().flat_map(|node| node.output.iter().map(move |name| (name.as_str(), node)));
    let makers: BTreeMap<&str, &proto::Node> = made.collect();
    let sparse = graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref());
    let mut given: BTreeSet<&str> = graph.initializer.iter().chain(sparse).map(|t| t.name.as_str()).collect();
    given.extend(graph.input.iter().map(|input| input.name.as_str()));
    let used = graph.node.iter().flat_map(|node| &node.input).filter(|name| !name.is_empty());
    let answered = graph.output.iter().map(|output| &output.name);
    match used.chain(answered).find(|name| !makers.contains_key(name.as_str()) && !given.contains(name.as_str())) {
        Some(name) => Err(Error::Dangling { name: name.clone() }),
        None => acyclic(graph).map(|()| makers),
    }
}

/// Fails where a node needs what is computed from it. Nodes need not stand in the order of their work.
fn acyclic(graph: &proto::Graph) -> Result<(), Error> {
    let mut waiting: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let made: BTreeSet<&str> = graph.node.iter().flat_map(|node| &node.output).map(String::as_str).collect();
    let mut needs = vec![0usize; graph.node.len()];
    for (place, node) in graph.node.iter().enumerate() {
        for name in node.input.iter().map(String::as_str).filter(|name| !name.is_empty() && made.contains(name)) {
            needs[place] += 1;
            waiting.entry(name).or_default().push(place);
        }
    }
    let mut ready: Vec<usize> = (0..needs.len()).filter(|place| needs[*place] == 0).collect();
    let mut done = 0;
    while let Some(place) = ready.pop() {
        done += 1;
        for name in &graph.node[place].output {
            for user in waiting.remove(name.as_str()).unwrap_or_default() {
                needs[user] -= 1;
                if needs[user] == 0 {
                    ready.push(user);
                }
            }
        }
    }
    match needs.iter().position(|count| *count > 0) {
        Some(place) if done < needs.len() => {
            Err(Error::Cycle { name: graph.node[place].output.first().cloned().unwrap_or_default() })
        }
        _ => Ok(()),
    }
}

/// Whether a value is the result of a softmax, looking through what leaves its numbers as they are.
fn is_softmax(output: &str, makers: &BTreeMap<&str, &proto::Node>) -> bool {
    let mut name = output;
    // A graph may be circular in a hostile file; no honest one has more of these in a row.
    for _ in 0..16 {
        let Some(node) = makers.get(name) else { return false };
        match node.op_type.as_str() {
            "Softmax" | "QLinearSoftmax" => return true,
            "Identity" | "Cast" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "QuantizeLinear"
            | "DequantizeLinear" => {
                let Some(input) = node.input.first() else { return false };
                name = input;
            }
            _ => return false,
        }
    }
    false
}
