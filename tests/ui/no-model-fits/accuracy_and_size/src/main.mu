use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 95% as claimed
    require size <= 10 kB
    require latency.p95 <= 5 ms as claimed
    require license in [MIT, Apache-2.0]
}

fn read(image: Image) -> Ranking<Digit> {
    reader(image)
}
