use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 90% as claimed
    prefer 10 us / latency.p95, size / 10 kB as claimed
}
