use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    prefer latency.p95 / 10 us, top1 on mnist_holdout as claimed
}
