fn f(a: f32) -> f32 {
    abs(a + 1.0
}
