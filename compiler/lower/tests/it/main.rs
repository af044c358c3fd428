//! Tests of lowering on typed programs built by hand.

mod branches;
mod composing;
mod data;
mod graphs;
mod lowering;
mod program;
