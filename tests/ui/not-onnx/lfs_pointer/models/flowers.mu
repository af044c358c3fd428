use std.tabular

labels Species = "setosa", "versicolor", "virginica"

record Flower { sepal_length: f32<cm>, sepal_width: f32<cm>, petal_length: f32<cm>, petal_width: f32<cm> }

model page: tabular_classification<Flower, Species> {
    net     "page.onnx" sha256 "4e08aefb5514ca46515a0f9d9d10bbba129758d3f58308656397f6709a42784d"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    adapt {
        infer(input: features(row) |> batch).probs |> first |> rank
    }
}
