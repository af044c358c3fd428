//! Names an iris by its measures. Which model does it is chosen by the compiler: it must meet the requirements below.

use std.tabular
use catalog.iris

slot judge: tabular_classification<Flower, Species> {
    require accuracy on iris_holdout >= 85% as claimed
    require latency.p95 <= 1 ms as claimed
    require license in [MIT, Apache-2.0]
}

/// The species of a flower, or nothing where the model is not sure.
fn name_iris(flower: Flower) -> Option<Species> {
    let best = judge(flower) |> top
    if best.score >= 0.6 then some(best.label) else none
}

deploy name_iris {
    target   lambda
    arch     x86_64
    minimize size
}

test "small petals are a setosa's" {
    let flower = Flower { sepal_length: 5.1 cm, sepal_width: 3.5 cm, petal_length: 1.4 cm, petal_width: 0.2 cm }
    assert name_iris(flower) == some("setosa")
}

test "between two species nothing is said" {
    let flower = Flower { sepal_length: 6.0 cm, sepal_width: 2.7 cm, petal_length: 5.0 cm, petal_width: 1.65 cm }
    assert name_iris(flower) == none
}
