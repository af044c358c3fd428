use std.vision

labels Digit = "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"

slot reader: image_classification<Digit> {
    require license == MIT
}

fn read(image: Image) -> Ranking<Digit> {
    reader(image)
}
