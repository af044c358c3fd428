labels Coin = "heads", "tails"

fn toss(scores: f32[2]) -> Ranking<Coin> {
    rank(scores)
}
