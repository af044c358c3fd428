fn largest_area() -> f32<m^2> {
    30.0 m^2
}
