fn f(a: i64) -> bool {
    if a = 1 then true else false
}
