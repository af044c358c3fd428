//! Rewrites ONNX models into forms that the runtime can run, or runs faster, without changing what they compute.
//!
//! A pass is a named function on a graph that says whether it changed something. What a pass does not understand it leaves as it
//! is: whether a rewritten model still answers as before is for a comparison of its outputs to say, not for the pass.

mod classes;
mod external;
mod graph;
mod hints;
mod passes;
mod probe;
mod proto;
mod tensor;

pub use classes::classes;
pub use hints::{Hint, hints};
pub use passes::{FASTER, NEEDED, Pass};
pub use probe::{Probe, probes};

use crate::error::Error;
use crate::{Limits, read};
use prost::Message;

/// A model that can be rewritten.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    model: proto::Model,
}

impl Edit {
    /// Decodes a model that [`crate::read`] accepts under the same limits.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Edit, Error> {
        read(bytes, limits)?;
        let mut model = proto::Model::decode(bytes).map_err(|error| Error::Damaged { detail: error.to_string() })?;
        let graph = model.graph.get_or_insert_default();
        // Old files list their weights among the inputs, too.
        let weights: std::collections::BTreeSet<&str> =
            graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
        graph.input.retain(|input| !weights.contains(input.name.as_str()));
        model.ir_version = model.ir_version.map(|version| version.max(4));
        Ok(Edit { model })
    }

    /// Applies a pass; returns whether it changed something.
    pub fn apply(&mut self, pass: &Pass) -> bool {
        let changed = (pass.apply)(&mut self.model);
        if changed {
            self.graph_mut().sweep();
        }
        changed
    }

    /// The file's bytes; the same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }

    fn graph(&self) -> &proto::Graph {
        static EMPTY: std::sync::LazyLock<proto::Graph> = std::sync::LazyLock::new(proto::Graph::default);
        self.model.graph.as_ref().unwrap_or(&EMPTY)
    }

    fn graph_mut(&mut self) -> &mut proto::Graph {
        self.model.graph.get_or_insert_default()
    }
}

impl proto::Model {
    /// The version of ONNX's own operators; where the file has none, it is given one.
    fn opset(&mut self) -> i64 {
        let own = |set: &&proto::Opset| matches!(set.domain.as_deref(), None | Some("" | "ai.onnx"));
        if let Some(version) = self.opset_import.iter().find(own).and_then(|set| set.version) {
            return version;
        }
        self.opset_import.push(proto::Opset { domain: Some(String::new()), version: Some(13) });
        13
    }
}
