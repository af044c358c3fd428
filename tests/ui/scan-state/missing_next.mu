fn running(numbers: List<f32, 10>) -> List<f32, 10> {
    scan n in numbers with low = 0.0, high = 0.0 {
        next low = min(low, n)
        high - low
    }
}
