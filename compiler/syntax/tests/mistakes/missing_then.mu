fn f(a: bool) -> f32 {
    if a 1.0 else 2.0
}
