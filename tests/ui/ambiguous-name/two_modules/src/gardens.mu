fn largest_area() -> f32<m^2> {
    300.0 m^2
}
