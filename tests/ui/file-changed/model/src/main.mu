use std.tabular
use catalog.flowers

model mine: tabular_classification<Flower, Species> {
    net     "../../../../spec/iris/models/logreg.onnx" sha256 "abababababababababababababababababababababababababababababababab"
            (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    adapt {
        infer(input: features(row) |> batch).probs |> first |> rank
    }
}

slot botanist: tabular_classification<Flower, Species> {
    require license == MIT
}

fn species(flower: Flower) -> Ranking<Species> {
    botanist(flower)
}
