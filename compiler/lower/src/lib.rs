//! From the typed program to the IR: the program graph, end-to-end terms over it, bodies as instructions, constants as
//! values.
//!
//! Files come through [`mu_base::World`]; whatever must be run to evaluate a constant is run by the caller, so this crate
//! knows no engine.

mod cleanup;
pub mod compose;
pub mod data;
mod error;
mod evaluate;
pub mod graph;
mod lower;
mod prune;
mod typed;
mod visit;

pub use error::Error;
pub use evaluate::{Lowered, Run};
pub use graph::{Choice, Filled, Filling, Graph, Node};
pub use lower::{AssetFile, Lowering, Metric, Over, Part};
pub use typed::{Facts, Typed};
