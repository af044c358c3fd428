//! A model whose outputs stand in another order, and its classes with them, gives the same answers.

use std.vision
use catalog.digits

slot plain: image_classification<Digit> {
    require latency.p95 >= 2 ms as claimed
}

slot shuffled: image_classification<Digit> {
    require latency.p95 <= 1 ms as claimed
}

fn rank_plain(image: Image) -> Ranking<Digit> {
    plain(image)
}

fn rank_shuffled(image: Image) -> Ranking<Digit> {
    shuffled(image)
}

test "the order of a model's outputs makes no difference" {
    let picture: Image = file("../../../data/mnist/03.png")
    assert top(rank_plain(picture)).label == top(rank_shuffled(picture)).label
}
