labels Size = "small", "large"

fn f(size: Size) -> i64 {
    match size {
        "small" -> 1
        "small" -> 2
    }
}
