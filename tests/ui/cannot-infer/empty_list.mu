fn none_of_them() -> i64 {
    let list = []
    count(list)
}
