fn f(a: f32) -> bool { 0.0 < a < 1.0 }
