//! The passes, one file a theme.

mod columns;
mod floats;
mod labels;
mod linear;
mod norm;
mod quantised;
mod trees;

use super::proto::Model;

/// A rewriting of models.
pub struct Pass {
    /// In a word or two: `zipmap`.
    pub name: &'static str,
    /// What it does, in a few words: `maps of scores to tensors`.
    pub does: &'static str,
    pub(super) apply: fn(&mut Model) -> bool,
}

/// What models need before the runtime can run them, in order.
pub const NEEDED: &[Pass] = &[
    Pass { name: "zipmap", does: "maps of labels to scores became tensors of scores", apply: labels::zip_map },
    Pass {
        name: "labels",
        does: "outputs of labels were left out, the scores tell them",
        apply: labels::label_outputs,
    },
    Pass {
        name: "linear",
        does: "linear classifiers and regressors became products of matrices",
        apply: linear::linear,
    },
    Pass {
        name: "columns",
        does: "scaling, filling and encoding of columns became plain arithmetic",
        apply: columns::columns,
    },
    Pass { name: "trees", does: "tree ensembles became the kind that the runtime knows", apply: trees::trees },
];

/// What may make a model faster, in order.
pub const FASTER: &[Pass] = &[
    Pass { name: "half", does: "weights of 16 bits were widened to 32", apply: floats::half },
    Pass { name: "quantised", does: "quantised arithmetic became arithmetic on floats", apply: quantised::quantised },
    Pass {
        name: "norm",
        does: "batch normalisations were folded into the weights before them",
        apply: norm::batch_norm,
    },
];
