fn f(in: f32) -> f32 { 1.0 }
