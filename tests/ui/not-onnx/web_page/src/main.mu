use std.tabular
use catalog.flowers

slot botanist: tabular_classification<Flower, Species> {
    require license == MIT
}

fn species(flower: Flower) -> Ranking<Species> {
    botanist(flower)
}
