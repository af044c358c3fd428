use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require size <= 5 ms
    require top1 on mnist_holdout >= 95 as claimed
}
