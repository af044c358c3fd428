fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    memory 256 MB
}
