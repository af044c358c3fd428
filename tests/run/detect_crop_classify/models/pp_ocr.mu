//! Two nets of PP-OCR: one finds lines of text, one says whether a line stands on its head.

use std.vision

labels Thing = "text"

labels Turn = "0", "180"

/// The map of the net says of each pixel how likely it belongs to text.
model pp_ocr_lines: object_detection<Thing> {
    net     "ch_PP-OCRv4_det_infer.onnx" sha256 "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"
            (x: f32[N, 3, H <= 960, W <= 960]) -> (map "sigmoid_0.tmp_0": f32[N, 1, H, W])
    classes "text"
    license Apache-2.0
    origin  "PaddleOCR PP-OCRv4, PyPI rapidocr-onnxruntime 1.4.4"
    claim   latency.p95 = 506 ms
    adapt {
        let pixels = rgb(image) |> fit(960, 32) |> scale(1.0 / 255.0) |> flip
        let x = normalize(pixels, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]) |> batch
        let boxes = infer(x: x).map |> first |> first |> regions(0.3, 10, 1.6, 64)
        for b in boxes if b.score >= 0.5 {
            Detection { label: "text", box: b }
        }
    }
}

model pp_ocr_turn: image_classification<Turn> {
    net     "ch_ppocr_mobile_v2.0_cls_infer.onnx" sha256 "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"
            (x: f32[N, 3, 48, 192]) -> (probs "save_infer_model/scale_0.tmp_1": f32[N, 2])
    classes "0", "180"
    license Apache-2.0
    origin  "PaddleOCR PP-OCR mobile v2.0, PyPI rapidocr-onnxruntime 1.4.4"
    claim   latency.p95 = 35 ms
    adapt {
        let pixels = rgb(image) |> resize_pad(48, 192) |> scale(1.0 / 255.0) |> flip
        let x = normalize(pixels, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]) |> batch
        infer(x: x).probs |> first |> rank
    }
}
