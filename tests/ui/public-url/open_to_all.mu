fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    target lambda
    region "eu-central-1"
    url    on
    auth   public
}
