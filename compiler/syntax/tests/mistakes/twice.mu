dataset d: image_classification<Digit> {
    file "a.npz"
    file "b.npz"
}
