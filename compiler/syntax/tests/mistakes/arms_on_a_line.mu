fn f(a: Option<f32>) -> f32 {
    match a { some(b) -> b none -> 0.0 }
}
