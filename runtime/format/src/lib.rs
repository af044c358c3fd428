//! The bundle's format: what the compiler writes and the runtime reads, and nothing else that the two share.
//!
//! The crate knows neither the compiler nor an inference engine. Whatever changes here changes [`VERSION`].

pub mod buffers;
pub mod bundle;
pub mod cpu;
pub mod decision;
mod depth;
pub mod frame;
pub mod input;
pub mod ir;
pub mod json;
pub mod liveness;
pub mod native;
pub mod npy;
pub mod op;
pub mod plan;
pub mod prefer;
pub mod tensor;
pub mod text;
pub mod types;
pub mod value;
pub mod verify;

pub use depth::MAX_DEPTH;

/// The version of the plan and of `bundle.json`; a runtime refuses a bundle whose version is newer than its own.
pub const VERSION: u32 = 3;
