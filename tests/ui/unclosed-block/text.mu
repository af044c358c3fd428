labels Coin = "heads, "tails"

fn half(x: f32) -> f32 {
    x / 2.0
}
