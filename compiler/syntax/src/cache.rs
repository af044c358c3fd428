//! Trees by the text of their item, so that an edit parses one item again.

use crate::Tree;
use std::collections::HashMap;
use std::sync::Arc;

/// How many bytes of items each of the two generations holds.
const GENERATION: usize = 16 << 20;

/// Trees of items parsed before. It holds two generations: an item used again moves to the young one, and when that is full,
/// what stayed in the old one is dropped.
#[derive(Debug, Default)]
pub struct Cache {
    young: HashMap<Box<str>, Arc<Tree>>,
    old: HashMap<Box<str>, Arc<Tree>>,
    bytes: usize,
    parsed: u64,
}

impl Cache {
    /// How many items were parsed since the cache was made, and not found in it.
    pub fn parsed(&self) -> u64 {
        self.parsed
    }

    pub(crate) fn tree(&mut self, text: &str, parse: impl FnOnce() -> Tree) -> Arc<Tree> {
        if let Some(tree) = self.young.get(text) {
            return tree.clone();
        }
        let tree = match self.old.remove(text) {
            Some(tree) => tree,
            None => {
                self.parsed += 1;
                Arc::new(parse())
            }
        };
        if self.bytes + text.len() > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.young.insert(text.into(), tree.clone());
        tree
    }
}
