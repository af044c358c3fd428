use first_part

fn run() -> f32 {
    one()
}
