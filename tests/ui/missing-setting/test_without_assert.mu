test "nothing" {
    let _x = 1
}
