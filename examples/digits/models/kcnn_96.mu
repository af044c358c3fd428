//! 96 kernels learned by k-means, then a linear layer.

use std.vision
use catalog.mnist

model kcnn_96: image_classification<Digit> {
    net     "kcnn-96.onnx" sha256 "9662aa28dd29cffa67b623c09218abde0765adedfa4e7abdab8beb00b4d315e9"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 98.25% (n 2000)
    claim   latency.p95 = 154.5 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
