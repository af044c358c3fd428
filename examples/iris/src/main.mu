//! Names an iris by the lengths of its leaves.

use std.tabular
use catalog.flowers

slot botanist: tabular_classification<Flower, Species> {
    require accuracy on flowers >= 85%
    require license in [MIT]
}

/// The species of a flower, or nothing where two are about as likely.
fn species(flower: Flower) -> Option<Species> {
    let best = botanist(flower) |> top
    if best.score >= 0.6 then some(best.label) else none
}

/// All species, the likeliest first.
fn ranking(flower: Flower) -> Ranking<Species> {
    botanist(flower)
}

deploy species {
    target   local
    minimize size
}

test "a small flower is a setosa, whatever the unit" {
    let inches = 25.4 mm in cm
    let flower = Flower {
        sepal_length: 2.0 * inches
        sepal_width: 35 mm
        petal_length: 1.4 cm
        petal_width: 0.2 cm
    }
    assert species(flower) == some("setosa")
}
