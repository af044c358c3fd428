//! Irises: what is measured of a flower, the species, and the flowers on which the models of this catalog were measured.

use std.tabular

labels Species = "setosa", "versicolor", "virginica"

/// The measures of one flower.
record Flower {
    sepal_length: f32<cm>
    sepal_width: f32<cm>
    petal_length: f32<cm>
    petal_width: f32<cm>
}

/// 50 of Fisher's 150 irises, none of which the models were trained on.
dataset iris_holdout: tabular_classification<Flower, Species> {
    file     "iris-holdout.npz"
    sha256   "2dc2c8a51ad0215af671e7c140ed02b8efa76276f2df6ec0c4f188f7f6ff2644"
    revision "1"
    license  CC-BY-4.0
}
