//! The printed form of a file's trees.

use crate::File;

/// Stable text of all trees.
pub fn dump(file: &File) -> String {
    file.items.iter().map(|item| format!("{:#?}\n", item.tree.kind)).collect()
}
