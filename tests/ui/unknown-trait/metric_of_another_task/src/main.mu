use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require accuracy on mnist_holdout >= 90% as claimed
}
