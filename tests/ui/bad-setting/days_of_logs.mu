fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    target lambda
    region "eu-central-1"
    log_retention 31 day
}
