fn f(a: f32) -> f32 {
    fn g(b: f32) -> f32 { b }
    g(a)
}
