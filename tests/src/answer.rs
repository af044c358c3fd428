//! Comparing JSON answers: numbers within a tolerance, all else exactly.

use serde_json::Value;

/// Where `have` differs from `want`, as a path and both values. Numbers may differ by `tolerance`, absolute or relative to
/// the wanted one.
pub fn difference(have: &Value, want: &Value, tolerance: f64) -> Option<String> {
    compare("$", have, want, tolerance).err()
}

fn compare(path: &str, have: &Value, want: &Value, tolerance: f64) -> Result<(), String> {
    let differ = || Err(format!("at {path}: have {have}, want {want}"));
    match (have, want) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            let near = (a - b).abs() <= tolerance * b.abs().max(1.0);
            if near { Ok(()) } else { differ() }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(i, (a, b))| compare(&format!("{path}[{i}]"), a, b, tolerance))
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            b.iter().try_for_each(|(key, b)| match a.get(key) {
                Some(a) => compare(&format!("{path}.{key}"), a, b, tolerance),
                None => differ(),
            })
        }
        (a, b) if a == b && !a.is_array() && !a.is_object() => Ok(()),
        _ => differ(),
    }
}
