const x = "a\qb\u{110000}"
