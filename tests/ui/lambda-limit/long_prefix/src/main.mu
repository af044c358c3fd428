fn half_of_it(x: f32) -> f32 {
    x / 2.0
}

deploy half_of_it {
    target lambda
}
