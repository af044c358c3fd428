//! Tests of the driver on small projects in memory, with two real models.

mod checking;
mod compiling;
mod project;
mod testing;
