fn f(a: f32) -> f32 {
    let b = a + 1.0

fn g(a: f32) -> f32 { a }
