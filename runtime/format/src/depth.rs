//! The limit on nesting, which keeps every walk over types, values and blocks within the stack.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::cell::Cell;

/// How deep types, values and blocks may nest, each for itself, and how deep calls and blocks may together.
pub const MAX_DEPTH: u32 = 128;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

struct Level;

impl Level {
    fn enter() -> Option<Level> {
        let depth = DEPTH.get();
        (depth < MAX_DEPTH).then(|| {
            DEPTH.set(depth + 1);
            Level
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// For `#[serde(deserialize_with)]` on every field through which a type contains itself.
pub(crate) fn nested<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    let _level = Level::enter().ok_or_else(|| D::Error::custom(format!("nested deeper than {MAX_DEPTH}")))?;
    T::deserialize(deserializer)
}
