//! Tests of the driver on small projects in memory, with two real models.

mod checking;
mod compiling;
#[cfg(test)]
mod project;
mod testing;
