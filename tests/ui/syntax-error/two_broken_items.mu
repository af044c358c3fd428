labels Coin = heads, tails

fn toss(coin: Coin) -> bool {
    coin == "heads"
}

record Point { x f32, y: f32 }

fn norm(p: Point) -> f32 {
    sqrt(p.x * p.x + p.y * p.y)
}
