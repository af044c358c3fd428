use std.tabular

labels Species = "setosa", "versicolor", "virginica"

record Flower { sepal_length: f32<cm>, sepal_width: f32<cm>, petal_length: f32<cm>, petal_width: f32<cm> }

model page: tabular_classification<Flower, Species> {
    net     "page.onnx"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    adapt {
        infer(input: features(row) |> batch).probs |> first |> rank
    }
}
