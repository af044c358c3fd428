//! Irises: three species, told apart by four lengths.

use std.tabular

labels Species = "setosa", "versicolor", "virginica"

record Flower {
    sepal_length: f32<cm>
    sepal_width: f32<cm>
    petal_length: f32<cm>
    petal_width: f32<cm>
}

/// 50 flowers that no model of this catalog was trained on.
dataset flowers: tabular_classification<Flower, Species> {
    file     "holdout.npz"
    sha256   "2dc2c8a51ad0215af671e7c140ed02b8efa76276f2df6ec0c4f188f7f6ff2644"
    revision "1"
    license  BSD-3-Clause
}

/// Logistic regression.
model iris_logreg: tabular_classification<Flower, Species> {
    net     "logreg.onnx" sha256 "4e08aefb5514ca46515a0f9d9d10bbba129758d3f58308656397f6709a42784d"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    origin  "own weights, trained on 100 flowers of scikit-learn's iris data"
    claim   accuracy on flowers = 96% (n 50)
    claim   latency.p95 = 19.2 us
    adapt {
        infer(input: features(row) |> batch).probs |> first |> rank
    }
}

/// One hidden layer of 8.
model iris_mlp_8: tabular_classification<Flower, Species> {
    net     "mlp-8.onnx" sha256 "9b6e9af0a5b9e916cfca28c276a141714f5ef33ad996e72cc1c6a15d4d042d9b"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    origin  "own weights, trained on 100 flowers of scikit-learn's iris data"
    claim   accuracy on flowers = 98% (n 50)
    claim   latency.p95 = 18.1 us
    adapt {
        infer(input: features(row) |> batch).probs |> first |> rank
    }
}
