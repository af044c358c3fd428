test "reads {
    assert true
}
