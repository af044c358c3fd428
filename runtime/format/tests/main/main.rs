//! The format's promises: what is written reads back the same, what is broken is refused, nothing panics.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod buffers;
mod bytes;
mod json;
mod native;
mod npy;
mod random;
mod text;
mod verify;
