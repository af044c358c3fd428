use std.tabular
use catalog.flowers

model mine: tabular_classification<Flower, Species> {
    net     "../../../../spec/strange/models/whirl.onnx" sha256 "09abc1fc2073026cc72a9c52f9825097a565c46815dae06b730faf5a636ca3fc"
            (x: f32[N, 4]) -> (y: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license MIT
    adapt {
        infer(x: features(row) |> batch).y |> first |> rank
    }
}

slot botanist: tabular_classification<Flower, Species> {
    require license == MIT
}

fn species(flower: Flower) -> Ranking<Species> {
    botanist(flower)
}
