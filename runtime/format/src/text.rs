//! The text form of a program: what `mulc dump ir` prints and what tests write. Reading what was printed gives the same program.
//!
//! ```text
//! labels 0 = ["0", "1"]
//! model 0 = "kcnn_32" sha256 "..." ("input": f32[1, 1, 28, 28]) -> ("probs": f32[1, 2])
//!
//! func @card.kcnn_32(%0: image) -> ranking<0> {
//!   %1: u8[1, _, _] = gray(%0)
//!   %2: u8[1, 28, 28] = resize[28, 28, "bilinear"](%1)
//!   %3: f32 = literal 0.003921569
//!   %4: f32[1, 28, 28] = scale(%2, %3)
//!   %5: f32[1, 1, 28, 28] = batch(%4)
//!   %6: {probs: f32[1, 2]} = infer 0(%5)
//!   %7: f32[1, 2] = field %6 0
//!   %8: f32[2] = first(%7)
//!   %9: ranking<0> = rank[classes[0, 1]](%8)
//!   yield %9
//! }
//!
//! entry "read" = @card.kcnn_32("image": image) -> ranking<0>
//! ```
//!
//! A choice that each request makes is an item `decision 0 = "reader" ("latency.p95", "top1") ["a" [0.5, -97.0], "b" [2.0,
//! -98.0]] breaks [0.4]`; `dispatch 0 [@card.a, @card.b](%0)` calls the function of the option that is picked.
//!
//! A block stands in braces and ends with its `yield`; its parameters stand before it: `for %3 where(%4: f32) { .. } do(%5: f32)
//! { .. }`, `scan %3 init(%1) do(%4: f32, %5: f32) { .. }`, `if %1 { .. } else { .. }`, `match %1 present(%2: f32) { .. } absent
//! { .. }`. A comment goes from `;` to the end of the line.

mod lex;
mod literal;
mod parse;
mod print;

pub use parse::{TextError, parse};
pub use print::{instruction, print};
