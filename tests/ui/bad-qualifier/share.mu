use std.vision

labels Digit = "0", "1"

dataset digits: image_classification<Digit> {
    file     "digits.npz"
    sha256   "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
    revision "1"
}

slot reader: image_classification<Digit> {
    require top1 on digits >= 90% with confidence 40%
    require top1 on digits >= 91% with confidence 1
    require top1 on digits >= 92% with confidence 95 ms
}
