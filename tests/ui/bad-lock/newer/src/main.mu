// command: build
fn double(x: f32) -> f32 {
    x * 2.0
}

deploy double {
    target local
}
