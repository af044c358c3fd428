fn inside(x: f32) -> bool {
    x > 0.0 && x < 1.0
}
