// wrong: dataset-mismatch
use std.vision
use catalog.mnist

dataset mnist_holdout: image_classification<Digit> {
    file     "holdout.npz"
    sha256   "0000000000000000000000000000000000000000000000000000000000000000"
    revision "2"
}

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 93% as claimed
}

slot backup: image_classification<Digit> {
    require backup.top1 on mnist_holdout > reader.top1 + 2% as claimed
}

record Answer {
    digit: Digit
    score: f32
    /// Whether the better model was asked.
    asked: bool
}

/// The digit in a picture, how sure the model is, and which one was asked.
fn read(image: Image) -> Answer {
    let look = reader(image) |> top
    if look.score < 0.9 expect 10% {
        let second = backup(image) |> top
        Answer { digit: second.label, score: second.score, asked: true }
    } else {
        Answer { digit: look.label, score: look.score, asked: false }
    }
}

deploy read {
    target   local
    budget   latency.p95 <= 1 ms as claimed
    minimize reader.size + backup.size
}

test "an easy seven needs no second look" {
    let answer = read(file("../../../../examples/digits/pictures/seven.png"))
    assert answer.digit == "7"
    assert not answer.asked
}

test "a hard seven gets one" {
    let answer = read(file("../../../../tests/data/mnist/06.png"))
    assert answer.digit == "7"
    assert answer.asked
}
