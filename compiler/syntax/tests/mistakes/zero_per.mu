deploy f {
    budget cost <= 2 USD per 0 requests
}
