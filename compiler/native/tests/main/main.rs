//! Machine code against the interpreter.

mod agree;
mod cases;
mod fuzz;
mod generate;
