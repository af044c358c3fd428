fn grade(score: f32) -> Text {
    if score > 0.9 then "good" else score
}
