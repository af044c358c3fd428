fn norm(x: f32[3]) -> f32 {
    squareroot(sum(square(x)))
}
