fn or_one(x: Option<f32>) -> f32 {
    match x {
        none -> 1.0
    }
}
