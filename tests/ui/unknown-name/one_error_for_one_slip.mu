fn norm(x: f32[3]) -> f32 {
    let length = sqrt(summ(square(x)))
    length * 2.0 + length
}
