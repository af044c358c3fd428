deploy f {
    bugdet cost <= 2 USD per 1M requests
}
