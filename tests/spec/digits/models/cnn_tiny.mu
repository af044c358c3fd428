//! A small convolutional network.

use std.vision
use catalog.mnist

model cnn_tiny: image_classification<Digit> {
    net     "cnn-tiny.onnx" sha256 "c99b37385f5abd5a351872c9e4d92e71bc684789e51c59df2ec0e79a0c114e7e"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on mnist_holdout = 95.4% (n 2000)
    claim   latency.p95 = 26.7 us
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
