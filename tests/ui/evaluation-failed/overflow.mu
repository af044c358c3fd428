// command: build
const big: i64 = 9223372036854775807

const bigger: i64 = big + 1

fn plus(n: i64) -> i64 {
    n - bigger
}
