//! Runs the machine code of a program, with the interpreter as the safe path.
//!
//! [`Code`] is machine code that was mapped and found to fit this processor and a plan. [`Native`] is a program that runs as
//! such. Whoever cannot have one uses the interpreter: [`Runner`] is either.

mod cell;
mod code;
mod native;
mod places;
mod raw;
mod runner;
mod service;
mod spread;
mod work;

pub use cell::Cell;
pub use code::{Code, Processor};
pub use native::Native;
#[doc(hidden)]
pub use raw::{Outcome, run_raw};
pub use runner::Runner;
