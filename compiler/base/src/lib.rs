//! What every stage of the compiler shares: places in sources, diagnostics as data, and the one door to the outside.
//!
//! Nothing here reads a file, a clock or the environment, and nothing renders: text is made at the edge.

pub mod code;
pub mod decimal;
pub mod diagnostic;
pub mod source;
pub mod suggest;
pub mod world;

pub use code::Code;
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
pub use source::{FileId, Loc, Source, Sources, Span};
pub use world::{World, WorldError};
