//! Reads a digit with the model that each request wants: a small one, or one that is right more often.

use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 93%
    select at request by size / 10 kB, top1 on mnist_holdout / 1%
}

slot judge: image_classification<Digit> {
    require license in [MIT]
    select at request by size / 10 kB, parameters / 1k, top1 on mnist_holdout / 1%
}

record Readings {
    reader: Scored<Digit>
    judge: Scored<Digit>
}

/// The digit in a picture and how sure the model is.
fn read(image: Image) -> Scored<Digit> {
    reader(image) |> top
}

/// As two models see it.
fn compare(image: Image) -> Readings {
    Readings { reader: read(image), judge: judge(image) |> top }
}

/// The digit in a picture, by a model that is not large whatever is weighed.
fn read_lightly(image: Image) -> Scored<Digit> {
    reader(image) |> top
}

/// No model takes part.
fn shout(text: Text) -> Text {
    text
}

deploy read {
    target local
}

deploy read_lightly {
    target   local
    budget   size <= 100 kB
    minimize size
}

deploy compare {
    target   local
    minimize size
}

deploy shout {
    target local
}

test "where nothing is weighed all counts alike" {
    assert read(file("../../../../examples/digits/pictures/seven.png")).label == "7"
}
