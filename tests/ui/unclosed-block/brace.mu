fn half(x: f32) -> f32 {
    x / 2.0

fn third(x: f32) -> f32 {
    x / 3.0
}
