fn f(a: bool, b: bool) -> bool { a || b }
