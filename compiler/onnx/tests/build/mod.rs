//! Writes protobuf by hand, so that tests can make models that no exporter would.

/// A field of bytes: a text or a message.
pub fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A field of one number.
pub fn number(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A file around a graph.
pub fn model(graph: &[u8]) -> Vec<u8> {
    [number(1, 8), field(7, graph), field(8, &number(2, 13))].concat()
}

/// A graph from an input `x` to the last output that the nodes make, or `y`.
pub fn graph(nodes: &[Vec<u8>]) -> Vec<u8> {
    graph_with(nodes, &[], &[port("x", &[1])])
}

/// A graph whose output is `y`, or `probs` where that is made.
pub fn graph_with(nodes: &[Vec<u8>], initializers: &[Vec<u8>], inputs: &[Vec<u8>]) -> Vec<u8> {
    let probs = nodes.iter().any(|node| node.windows(5).any(|w| w == b"probs"));
    let mut bytes: Vec<u8> = nodes.iter().flat_map(|node| field(1, node)).collect();
    bytes.extend(initializers.iter().flat_map(|tensor| field(5, tensor)));
    bytes.extend(inputs.iter().flat_map(|input| field(11, input)));
    bytes.extend(field(12, &port(if probs { "probs" } else { "y" }, &[1])));
    bytes
}

pub fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = inputs.iter().flat_map(|name| field(1, name.as_bytes())).collect();
    bytes.extend(outputs.iter().flat_map(|name| field(2, name.as_bytes())));
    bytes.extend(field(4, operator.as_bytes()));
    bytes
}

/// A tensor of f32 without its weights.
pub fn tensor(name: &str, dims: &[u64]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|dim| number(1, *dim)).collect();
    [dims, number(2, 1), field(8, name.as_bytes())].concat()
}

/// A port of f32.
pub fn port(name: &str, dims: &[u64]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|dim| field(1, &number(1, *dim))).collect();
    let tensor = [number(1, 1), field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}
