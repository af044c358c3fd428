//! The printed form of the graph: DOT, callees below their callers, in the order of the declarations.

use super::{Filling, Graph, Node};
use std::fmt::Write;

impl Graph {
    /// The text for `dot -Tsvg`. Where there is a choice, only chosen cards are shown.
    pub fn dot(&self, roots: impl IntoIterator<Item = Node>, choice: Option<&Filling>) -> String {
        let shown = self.reached(roots, choice);
        let mut out = String::from("digraph program {\n");
        for node in &shown {
            let shape = match node {
                Node::Function(_) => "box",
                Node::Slot(_) => "diamond",
                Node::Card(_) => "ellipse",
                Node::Constant(_) => "note",
            };
            let _ = writeln!(out, "  {} [label={:?}, shape={shape}]", id(*node), self.name(*node));
        }
        for node in &shown {
            for to in self.targets(*node, choice) {
                if shown.contains(&to) {
                    let _ = writeln!(out, "  {} -> {}", id(*node), id(to));
                }
            }
        }
        out.push_str("}\n");
        out
    }
}

fn id(node: Node) -> String {
    match node {
        Node::Function(id) => format!("function{}", id.0),
        Node::Slot(id) => format!("slot{}", id.0),
        Node::Card(id) => format!("model{}", id.0),
        Node::Constant(id) => format!("constant{}", id.0),
    }
}
