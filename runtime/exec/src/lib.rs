//! Runs the machine code of a program, with the interpreter as the safe path.

mod code;

pub use code::{Code, Processor};
