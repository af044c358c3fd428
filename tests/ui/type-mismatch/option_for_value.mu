use std.text

fn age(text: Text) -> f64 {
    parse_f64(text)
}
