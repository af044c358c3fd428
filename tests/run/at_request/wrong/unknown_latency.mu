// wrong: no-model-fits
//! What is weighed must be known; no model was measured, and claims are not taken.

use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 93% as claimed
    select at request by size / 10 kB, latency.p95 / 10 us
}

fn read(image: Image) -> Scored<Digit> {
    reader(image) |> top
}
