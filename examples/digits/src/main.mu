//! Reads a handwritten digit. Which model does it is chosen by the compiler.

use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 96% with confidence 95%
    require latency.p95 <= 5 ms
    require license in [MIT, Apache-2.0]
}

/// The digit in a picture, or nothing where the model is not sure.
fn read_digit(image: Image) -> Option<Digit> {
    let best = reader(image) |> top
    if best.score >= 0.8 then some(best.label) else none
}

/// All ten digits, the likeliest first.
fn rank_digit(image: Image) -> Ranking<Digit> {
    reader(image)
}

deploy read_digit {
    target   lambda
    region   "eu-central-1"
    arch     x86_64
    memory   512 MB
    timeout  5 s
    budget   latency.p95 <= 5 ms
    minimize size, then latency.p95
}

test "a grey picture of a seven" {
    assert read_digit(file("../pictures/seven.png")) == some("7")
}

test "colour and transparency make no difference" {
    assert read_digit(file("../pictures/two.png")) == some("2")
    assert read_digit(file("../pictures/five.png")) == some("5")
}

test "a scrawl is not guessed" {
    let picture: Image = file("../pictures/unsure.png")
    assert read_digit(picture) == none
    assert top(rank_digit(picture)).label == "8"
}
