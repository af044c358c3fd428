//! 32 kernels learned by k-means, then a linear layer.

use std.vision
use catalog.mnist

model kcnn_32: image_classification<Digit> {
    net     "kcnn-32.onnx" sha256 "07391c6b37a833addccf64398079547976a4e6f9fd9bef48d743506da5fec094"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 97.7% (n 2000)
    claim   latency.p95 = 45.9 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
