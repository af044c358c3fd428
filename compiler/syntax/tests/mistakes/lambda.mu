fn f(a: List<f32, 3>) -> List<f32, 3> { map(a, x => x + 1.0) }
