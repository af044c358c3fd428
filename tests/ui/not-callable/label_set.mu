labels Coin = "heads", "tails"

fn toss() -> Coin {
    Coin("heads")
}
