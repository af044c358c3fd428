use second_part

fn one() -> f32 {
    two() / 2.0
}
