use std.vision

labels Digit = "0", "1"

slot reader: image_classification<Digit> {
    require 3 <= 2
}
