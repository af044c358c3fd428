// wrong: bad-objective
//! Vectors of two models never meet, so requests cannot choose among their models.

use std.text

slot embed: feature_extraction {
    select at request by size / 10 MB, latency.p95 / 10 ms as claimed
}

fn alike(a: Text, b: Text) -> f32 {
    similarity(embed(a), embed(b))
}
