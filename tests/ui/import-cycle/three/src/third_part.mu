use first_part

fn three() -> f32 {
    3.0
}
