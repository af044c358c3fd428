fn trip(there: f32<km>, back: f32<min>) -> f32<km> {
    there + back
}
