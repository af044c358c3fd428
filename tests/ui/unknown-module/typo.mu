use std.tabluar

fn half(x: f32) -> f32 {
    x / 2.0
}
