fn mean_of(sum_of: f32, n: i64) -> f32 {
    sum_of / n
}
