fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    target lambda
    region "eu-central-1"
    environment AWS_REGION "eu-west-1"
    environment X          "1"
    environment MODE
}
