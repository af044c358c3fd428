use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require memory <= 10 MB as claimed
}

fn read(image: Image) -> Ranking<Digit> {
    reader(image)
}
