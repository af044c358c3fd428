fn rock(x: f32) -> f32 {
    paper(x) + 1.0
}

fn paper(x: f32) -> f32 {
    scissors(x) + 1.0
}

fn scissors(x: f32) -> f32 {
    rock(x) + 1.0
}
