//! Says what is on a photo, out of a thousand kinds of things.

use std.vision
use catalog.imagenet

slot viewer: image_classification<ImageNet> {
    require top1 on imagenet_validation >= 74% as claimed
    require license in [Apache-2.0, MIT]
}

/// The five likeliest things on a photo.
fn see(image: Image) -> List<Scored<ImageNet>, 5> {
    viewer(image) |> top_k(5)
}

deploy see {
    target   lambda
    region   "eu-central-1"
    memory   1769 MB
    minimize latency.p50 as claimed
}
