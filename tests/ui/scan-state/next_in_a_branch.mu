fn f(list: List<i64, 3>) -> List<i64, 3> {
    scan x in list with s = 0 {
        let y = if x > 1 {
            next s = 10
            x
        } else { s }
        y + s
    }
}
