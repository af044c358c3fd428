fn blend(a: f32, b: f32, part: f32) -> f32 {
    a * part + b * (1.0 - part)
}

fn half_way(a: f32, b: f32) -> f32 {
    blend(a, b, share: 0.5)
}
