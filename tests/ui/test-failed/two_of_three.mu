// command: test
fn half(x: f32) -> f32 {
    x / 2.0
}

test "half of four is two" {
    assert half(4.0) == 2.0
}

test "half of five is two" {
    assert half(5.0) == 2.0
}

test "half of six is more than three" {
    assert half(6.0) > 3.0
}
