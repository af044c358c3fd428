labels Coin = "heads", "tails"
