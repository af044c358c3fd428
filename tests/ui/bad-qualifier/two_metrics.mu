use std.vision

labels Digit = "0", "1"

dataset digits: image_classification<Digit> {
    file     "digits.npz"
    sha256   "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
    revision "1"
}

slot reader: image_classification<Digit> {
    require reader.top1 on digits > reader.top5 with confidence 95%
}
