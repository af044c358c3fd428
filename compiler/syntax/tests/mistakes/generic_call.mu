fn f(a: f32) -> f32 { zeros<f32>(3) }
