fn half_of_what_is_asked_or_of_what_was_answered_the_last_time(x: f32) -> f32 {
    x / 2.0
}

deploy half_of_what_is_asked_or_of_what_was_answered_the_last_time {
    target lambda
}
