use std.vision

labels Thing = "face"

model faces: object_detection<Thing> {
    net     "faces.onnx" sha256 "1212121212121212121212121212121212121212121212121212121212121212"
            (x: f32[N, 3, H, W <= 640]) -> (map: f32[N, 1, H, W])
    classes "face"
    license MIT
    adapt {
        let x = rgb(image) |> fit(640, 32) |> scale(1.0 / 255.0) |> batch
        for b in infer(x: x).map |> first |> first |> regions(0.5, 16, 1.0, 64) {
            Detection { label: "face", box: b }
        }
    }
}
