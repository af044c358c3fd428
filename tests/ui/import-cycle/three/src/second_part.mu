use third_part

fn two() -> f32 {
    three() - 1.0
}
