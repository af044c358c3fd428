use std.tabular

labels Side = "left", "right"

record Point { x: f32 }

dataset held: tabular_classification<Point, Side> {
    file     "held.npz"
    sha256   "1111111111111111111111111111111111111111111111111111111111111111"
    revision "1"
}

model guess: tabular_classification<Point, Side> {
    net     "guess.onnx" sha256 "2222222222222222222222222222222222222222222222222222222222222222"
            (x: f32[N, 1]) -> (y: f32[N, 2])
    classes "left", "right"
    license MIT
    adapt {
        infer(x: features(row) |> batch).y |> first |> rank
    }
}
