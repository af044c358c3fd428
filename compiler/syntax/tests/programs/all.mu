//! Every form of the language in one file.
//! It need not make sense.

use std.vision
use catalog.mnist
use shapes.round

/// Ten digits.
labels Digit = "0", "1", "2",
    "3", "4", "\u{35}"
labels ImageNet = file("imagenet_labels.json")

dimension pressure: bar
unit mbar = 0.001 bar
unit Hz = 1/s
unit N = 1 kg*m/s^2

/// A patient.
record Patient {
    /// In years.
    age: f32<year>    // from the form
    bmi: f32<kg/m^2>, weight: f32<kg>

    // sizes
    boxes: List<Box, 16>
    rate: f32<1/s>
    share: f32<%>
}
record Pair<L: Labels, N: Dim> { label: L, values: f32[N] }
record Empty {}

trait latency.p95: time, lower is better from evidence
trait license: license from card

task classify<R: Record, L: Labels>(row: R) -> Ranking<L> {
    hub "tabular-classification"
    truth L
    /// How often it is right.
    metric accuracy: ratio, higher is better = mean(hit(output, truth, 1))
}

builtin fn resize<C: Dim, H: Dim>(image: u8[C, _, _], height: dim H, shape: dims E, filter: const Text = "bilinear") -> u8[C, <= H, ..E]
    where size(D) == size(E), B - A <= N, N == fields(R)

dataset mnist_holdout: image_classification<Digit> { file "holdout.npz" sha256 "ab" revision "1" license CC0-1.0 }
dataset other: image_classification<Digit> {
    file "holdout.npz"
    license (MIT OR Apache-2.0) AND BSD-3-Clause   // of the pictures
}

model kcnn_32: image_classification<Digit> {
    net     "kcnn-32.onnx" sha256 "00" (input: f32[N, 1, H <= 960, 28], x "x:0": i64[N + 1]) -> (probs: f32[N, 10])
    classes "0", "1"
    license MIT
    origin  "trained on mnist-10k"
    claim   top1 on mnist_holdout = 97.7% (n 2000)
    claim   latency.p95 = 0.4 ms
    adapt {
        let x = image |> gray |> resize(28, 28) |> scale(1.0 / 255.0) |> batch     // f32[1, 1, 28, 28]
        infer(input: x).probs |> first |> rank
    }
}

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 97%
    require latency.p95 <= 5 ms
    require license in [MIT, Apache-2.0]
    require backup.license == MIT OR Apache-2.0
    require backup.top1 > reader.top1 + 1%
    require r2 >= -0.5
    require license == MIT as claimed
    require top1 on mnist_holdout >= 97% as claimed with confidence 95%
    require 3 <= size as claimed
    prefer latency.p95 / 10 ms, top1 / 1% as claimed
}
slot chosen_later: image_classification<Digit> {
    select at request by latency.p95 / 10 ms, top1 on mnist_holdout / 1% as claimed
}
slot bare: feature_extraction

const faq: List<Faq, 500> = file("faq.csv")
const limit = 0.8
const far: f64 = 1e-3 *
    (2.0
     + 1)

/// The digit in a picture, or nothing where the model is not sure.
fn read_digit(image: Image) -> Option<Digit> {
    let best = reader(image)
        |> top
    if best.score >= 0.8 then some(best.label) else none
}

fn more(row: Patient, model: Text) -> Result<f32[..D], Text> {
    let a: f32 = (row.age / 1 year - 48.5) * 2 - -1
    let b = if a > 1 and not done or
        a == 2 {
        1.0
    } else if a < 0 expect 10% {
        2.0 kg/m^2 in g/cm^2
    }
    else {
        f(a, size: b)
    }
    let c = for box in boxes if box.score >= 0.5 { reader(crop(image, box.box)) }
    let d = scan w in frames(audio, 512) with h = zeros(2, 1), c = zeros(1) {
        let r = vad(w, h)
        next h = r.state
        next c = r.c
        r.out
    }
    let e = match d {
        some(y) -> y
        none -> 0
        "7" -> 7,
        err(_) -> 1
        _ -> x[0][2..5].y
    }
    let g = Answer { text: "say \"hi\"\n", score: if a then b else c, }
    let h = Answer {
        in: 5 ms
        with: [1, 2,
            3]
    }
    a + b * c - d / e <= 5 km/h |> f |> g(h)
}

deploy read_digit {
    target   lambda
    region   "eu-central-1"
    arch     x86_64
    memory   512 MB
    budget   cold_start <= 150 ms
    budget   cost <= 2 USD per 1M requests
    minimize cost, then latency.p95
}

test "reads a seven" {
    assert read_digit(file("7.png")) == some("7")
}
// the end
