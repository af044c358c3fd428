fn brighter(picture: f32[3, 640, 640]) -> f32[3, 640, 640] {
    picture * 2.0
}

deploy brighter {
    target lambda
}
