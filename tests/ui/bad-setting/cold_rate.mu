fn double(x: f32) -> f32 {
    x * 2.0
}

deploy double {
    target lambda
    region "eu-central-1"
    cold_rate 2 ms
}
