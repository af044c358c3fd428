fn f(a: f32) -> f32 {
    let then = a
    then
}
