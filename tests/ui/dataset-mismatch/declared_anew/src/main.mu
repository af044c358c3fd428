use std.vision
use catalog.mnist

dataset mnist_holdout: image_classification<Digit> {
    file     "holdout.npz"
    sha256   "1212121212121212121212121212121212121212121212121212121212121212"
    revision "2"
}

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 90% as claimed
}
