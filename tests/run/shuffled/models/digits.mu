//! One model twice: as it is in the digit example, and with its outputs in another order. The latencies are made up, so that a
//! requirement can tell the two apart.

use std.vision

labels Digit = "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"

/// The pictures on which the digit example's models were measured.
dataset held_out: image_classification<Digit> {
    sha256   "b0ecf82962912b2fe4147b4fc3fe81d5ad0f0893ec9b28255b6d51875a447989"
    revision "1"
}

model kcnn_8: image_classification<Digit> {
    net     "../../../../examples/digits/models/kcnn-8.onnx" sha256 "bb17bc29a42a03c308ae260f574534eafa4cfa40215737bcdd54375cbafa2425"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on held_out = 94.4% (n 2000)
    claim   latency.p95 = 2 ms
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}

model kcnn_8_shuffled: image_classification<Digit> {
    net     "kcnn-8-shuffled.onnx" sha256 "87e16fb03c24f5aa6dab8114d93f1359828810eb97f37d91fcdc78b40ad8a8dc"
            (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
    classes "7", "2", "9", "0", "4", "1", "8", "3", "6", "5"
    license MIT
    origin  "own weights, trained on 10,000 digits of MNIST"
    claim   top1 on held_out = 94.4% (n 2000)
    claim   latency.p95 = 1 ms
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch
        infer(input: x).probs |> first |> rank
    }
}
