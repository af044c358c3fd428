//! Finds the lines of text in a picture, cuts each out, and says which stand on their heads, all within one budget.

use std.vision
use catalog.pp_ocr

slot finder: object_detection<Thing> {
    require license in [Apache-2.0, MIT]
}

slot turner: image_classification<Turn> {
    require license in [Apache-2.0, MIT]
}

record Line { turn: Turn, score: f32, place: Box }

/// The 16 surest lines of text in a picture.
fn lines(image: Image) -> List<Line, 16> {
    for found in finder(image) |> take(16) {
        let best = turner(crop(image, found.box)) |> top
        Line { turn: best.label, score: best.score, place: found.box }
    }
}

/// How many lines stand on their heads.
fn upside_down(image: Image) -> i64 {
    let turned = for line in lines(image) if line.turn == "180" and line.score >= 0.9 { line.turn }
    count(turned)
}

deploy lines {
    target   local
    budget   latency.p95 <= 1.5 s as claimed
    minimize size
}

test "one of two lines stands on its head" {
    assert upside_down(file("../pictures/sign.png")) == 1
}
