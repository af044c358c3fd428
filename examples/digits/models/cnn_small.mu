//! A convolutional network with pooling.

use std.vision
use catalog.mnist

model cnn_small: image_classification<Digit> {
    net     "cnn-small.onnx" sha256 "6cf000ccaf303a0450aec812c64559e25cb9de475a8bbbd9742049d8dfdbf022"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 96.65% (n 2000)
    claim   latency.p95 = 41.9 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
