fn f(a: f32) -> f32 { let b = a  b }
