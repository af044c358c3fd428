fn parts(a: i64<m>, b: i64<cm>) -> i64 { a / b }
