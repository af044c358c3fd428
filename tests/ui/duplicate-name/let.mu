fn mix(a: f32, b: f32) -> f32 {
    let a = b * 0.5
    a + b
}
