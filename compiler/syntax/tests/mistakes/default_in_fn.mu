fn f(a: f32 = 1.0) -> f32 { a }
