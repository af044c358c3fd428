use std.tabular
use catalog.flowers

model mine: tabular_classification<Flower, Species> {
    net     "../../../../spec/iris/models/logreg.onnx" sha256 "4e08aefb5514ca46515a0f9d9d10bbba129758d3f58308656397f6709a42784d"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    adapt {
        infer(input: features(row)[0..3] |> batch).probs |> first |> rank
    }
}
