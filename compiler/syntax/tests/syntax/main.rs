//! Tests of scanner, grammar, builder and messages. A case of `programs/` (must parse) or `mistakes/` (must not) is a file.

#![allow(clippy::unwrap_used, clippy::panic)]

mod cases;
mod hostile;
mod render;
mod scanning;
mod trees;
