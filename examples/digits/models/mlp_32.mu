//! One hidden layer of 32.

use std.vision
use catalog.mnist

model mlp_32: image_classification<Digit> {
    net     "mlp-32.onnx" sha256 "d6d9a44340ed1711d25e1941fed0dfca3602e2715945db2a125a7b349c313d26"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 93.35% (n 2000)
    claim   latency.p95 = 21.2 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
