fn mean_of(a: f32, b: f32) -> f32 {
    let sum_of = a + b
    let half = 0.5
    sum_of / 2.0
}
