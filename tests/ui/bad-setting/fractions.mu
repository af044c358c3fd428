fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    target lambda
    region "eu-central-1"
    timeout   1500 ms
    ephemeral 600.5 MB
}
