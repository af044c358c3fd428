use std.vision
use catalog.mnist

dataset others: image_classification<Digit> {
    file     "others.npz"
    sha256   "1212121212121212121212121212121212121212121212121212121212121212"
    revision "1"
}

slot reader: image_classification<Digit> {
    require size <= 10 kB
}

slot backup: image_classification<Digit> {
    require backup.top1 on others > reader.top1 on mnist_holdout as claimed
}

fn read(image: Image) -> Digit {
    let best = reader(image) |> top
    if best.score > 0.9 then best.label else top(backup(image)).label
}
