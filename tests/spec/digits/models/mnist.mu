//! Handwritten digits: their labels, and the pictures on which the models of this catalog were measured.

use std.vision

labels Digit = "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"

/// 2,000 pictures of MNIST that no model of this catalog was trained on.
dataset mnist_holdout: image_classification<Digit> {
    file     "holdout.npz"
    sha256   "b0ecf82962912b2fe4147b4fc3fe81d5ad0f0893ec9b28255b6d51875a447989"
    revision "1"
    license  MIT
}
