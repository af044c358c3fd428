use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 94% as claimed
}

fn read(image: Image) -> Ranking<Digit> {
    reader(image)
}
