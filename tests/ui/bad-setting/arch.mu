fn half(x: f32) -> f32 {
    x / 2.0
}

deploy half {
    target local
    arch   amd64
    memory 5 s
}
