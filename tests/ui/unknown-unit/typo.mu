fn far(x: f32<kmm>) -> bool {
    x > 10 km
}
