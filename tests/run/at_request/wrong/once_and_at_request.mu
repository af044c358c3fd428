// wrong: bad-objective
//! A slot is chosen for once or at each request.

use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    minimize size
    select at request by size / 10 kB, latency.p95 / 10 us as claimed
}

fn read(image: Image) -> Scored<Digit> {
    reader(image) |> top
}
