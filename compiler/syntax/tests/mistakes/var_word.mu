fn f(a: f32) -> f32 {
    var b = a
    b
}
