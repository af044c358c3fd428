//! 8 kernels learned by k-means, then a linear layer.

use std.vision
use catalog.mnist

model kcnn_8: image_classification<Digit> {
    net     "kcnn-8.onnx" sha256 "bb17bc29a42a03c308ae260f574534eafa4cfa40215737bcdd54375cbafa2425"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 94.4% (n 2000)
    claim   latency.p95 = 36.7 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
