// wrong: no-model-fits
//! What is weighed must be known, and on this machine nothing is paid for.

use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 93%
    select at request by size / 10 kB, cost / 1 USD per 1M requests
}

fn read(image: Image) -> Scored<Digit> {
    reader(image) |> top
}
