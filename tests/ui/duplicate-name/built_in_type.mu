record Text { a: i64 }
