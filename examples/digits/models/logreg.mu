//! Logistic regression on the pixels.

use std.vision
use catalog.mnist

model logreg: image_classification<Digit> {
    net     "logreg.onnx" sha256 "2cc5a6fa0792b5ffce30485dab5babf740557294f0f0e173c4c049f7c9a2bc81"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 91.1% (n 2000)
    claim   latency.p95 = 20.8 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
