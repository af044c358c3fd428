//! Tests of the driver on small projects in memory, with two real models.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

mod at_request;
mod checking;
mod compiling;
mod evidence;
mod pinning;
#[cfg(test)]
mod project;
mod testing;
