fn f(a: f32) { a }
