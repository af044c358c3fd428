use std.vision
use catalog.mnist

dataset others: image_classification<Digit> {
    file     "others.npz"
    sha256   "1212121212121212121212121212121212121212121212121212121212121212"
    revision "1"
}

slot reader: image_classification<Digit> {
    require top1 >= 90% as claimed
}
