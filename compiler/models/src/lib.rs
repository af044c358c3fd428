//! What `mulc models` does with a catalog: one module a command. Everything here computes and gives data; texts for people,
//! tables and progress bars are made by the command line.

pub mod add;
pub mod catalog;
pub mod data;
pub mod diff;
mod error;
pub mod evaluate;
pub mod gate;
mod progress;

pub use catalog::Catalog;
pub use error::{Error, Kind};
pub use progress::{Progress, Silent};
