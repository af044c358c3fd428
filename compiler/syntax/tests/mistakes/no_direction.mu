task t(a: Text) -> f32 {
    truth f32
    metric mae: ratio = mean(output)
}
