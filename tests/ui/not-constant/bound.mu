fn best(numbers: List<f32, 100>, k: i64) -> List<Found, 100> {
    largest(numbers, k)
}
