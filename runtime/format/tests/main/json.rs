//! JSON of values.

use crate::random::Random;
use mu_format::json::{from_json, to_json};
use mu_format::text;
use mu_format::types::Type;
use mu_format::value::Value;
use serde_json::{Value as Json, json};

/// A type from its text form.
fn ty(text: &str) -> Type {
    text::parse(&format!("func @f() -> {text} {{ yield }}")).unwrap().functions.remove(0).result
}

fn labels() -> Vec<Vec<String>> {
    vec![vec!["no".into(), "yes".into()], vec!["1".into(), "2".into()]]
}

fn read(json: Json, of: &str) -> Result<Value, String> {
    from_json(&json, &ty(of), &labels(), "$").map_err(|e| e.to_string())
}

#[test]
fn values_go_to_json_and_back() {
    for (of, json) in [
        ("label<0>", json!("yes")),
        ("option<label<0>>", json!(null)),
        ("option<label<1>>", json!("2")),
        ("result<f32>", json!({"ok": 0.1})),
        ("result<f32>", json!({"error": "no"})),
        ("{a: i64, \"b c\": text}", json!({"a": -5, "b c": "x"})),
        ("ranking<0>", json!([{"label": "yes", "score": 0.75}, {"label": "no", "score": 0.25}])),
        ("f32[2, <= 3]", json!([[1.5, 2.5], [0.1, 1e-45]])),
        ("u8[1, _]", json!([[0, 255]])),
        ("i32", json!(-2147483648)),
        ("bool[2]", json!([true, false])),
        ("f64", json!(1e300)),
        ("list<bytes, 2>", json!(["AAEC", ""])),
        ("image", json!("iVBO")),
        ("f32[<= 2, 3]", json!([])),
    ] {
        let value = read(json.clone(), of).unwrap();
        value.fits(&ty(of), &labels()).unwrap();
        assert_eq!(to_json(&value, &ty(of), &labels()).unwrap(), json, "{of}");
    }
}

#[test]
fn whole_numbers_serve_as_floats() {
    assert_eq!(read(json!(3), "f32").unwrap(), Value::F32(3.0));
    assert_eq!(read(json!([1, 2.5]), "list<f64, 2>"), read(json!([1.0, 2.5]), "list<f64, 2>"));
}

#[test]
fn every_float_is_written_so_that_it_reads_back() {
    let random = &mut Random::new(7);
    for _ in 0..100_000 {
        let x = f32::from_bits(random.bits() as u32);
        if x.is_finite() {
            let json = to_json(&Value::F32(x), &ty("f32"), &[]).unwrap().to_string();
            assert_eq!(read(serde_json::from_str(&json).unwrap(), "f32").unwrap(), Value::F32(x), "{json}");
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error_with_its_path() {
    for (of, json, message) in [
        ("label<0>", json!("maybe"), r#"$: "maybe" is none of the labels "no", "yes""#),
        ("{a: {b: i64}}", json!({"a": {"b": "x"}}), "$.a.b: expected a whole number, found a string"),
        ("{a: i64}", json!({}), "$.a: the field is missing"),
        ("{a: i64}", json!({"a": 1, "c": 2}), "$.c: there is no such field, only a"),
        ("list<f32, 2>", json!([1, 2, 3]), "$: 3 elements where at most 2 are allowed"),
        ("list<{x: f32}, 9>", json!([{"x": 1}, {"x": null}]), "$[1].x: expected a number, found null"),
        ("f32[2, 2]", json!([[1, 2], [3]]), "$[1]: 1 elements where the rows before have 2"),
        ("f32[2, 2]", json!([[1, 2, 3], [3]]), "$[0]: 3 elements where the type has 2"),
        ("f32[<= 2]", json!([1, 2, 3]), "$: 3 elements where the type has <= 2"),
        ("u8", json!(256), "$: 256 is out of range"),
        ("i32", json!(2147483648u32), "$: 2147483648 is out of range"),
        ("i64", json!(1.5), "$: 1.5 is not a whole number"),
        ("i64", json!(u64::MAX), "$: 18446744073709551615 is out of range"),
        ("f32", json!(1e39), "$: 1e+39 is out of range for an f32"),
        ("result<f32>", json!({}), "$: a result has either `ok` or `error`"),
        ("image", json!("%"), "$: no base64: "),
        ("ranking<0>", json!([{"label": "no", "score": 1}]), "$: a ranking holds each of the 2 labels once"),
        (
            "ranking<0>",
            json!([{"label": "no", "score": 0}, {"label": "yes", "score": 1}]),
            "$: a ranking stands best first",
        ),
    ] {
        let error = read(json, of).unwrap_err();
        assert!(error.contains(message), "{error} instead of {message}");
    }
}

#[test]
fn what_json_cannot_say_is_an_error_with_its_path() {
    let record = ty("{a: list<f32, 2>}");
    let value = |x: f32| Value::Record(vec![Value::List(vec![Value::F32(1.0), Value::F32(x)].into())].into());
    let error = to_json(&value(f32::NAN), &record, &[]).unwrap_err();
    assert_eq!(error.to_string(), "$.a[1]: the number is NaN, which JSON cannot say; guard it with `finite`");
    assert!(to_json(&value(f32::INFINITY), &record, &[]).is_err());
    assert!(to_json(&Value::Label(9), &ty("label<0>"), &labels()).is_err());
}

#[test]
fn any_json_for_any_type_gives_a_value_of_it_or_an_error() {
    let noise = |random: &mut Random| {
        let words =
            ["[", "]", "{", "}", ",", ":", "1", "-2.5", "null", "true", "\"no\"", "\"ok\"", "\"label\"", "1e999"];
        random.list(12, |r| words[r.below(words.len())]).concat()
    };
    for seed in 0..3000 {
        let random = &mut Random::new(seed);
        let of = random.ty(3);
        let value = random.value(&of);
        let json = to_json(&value, &of, &labels())
            .unwrap_or_else(|_| serde_json::from_str(&noise(random)).unwrap_or(json!([[]])));
        let other = random.ty(3);
        for of in [of, other] {
            if let Ok(value) = from_json(&json, &of, &labels(), "$") {
                value.fits(&of, &labels()).unwrap();
            }
        }
    }
}

#[test]
fn an_option_may_be_left_out_of_a_record() {
    let value = from_json(&json!({"b": 1}), &ty("{a: option<i64>, b: i64}"), &labels(), "$").unwrap();
    assert_eq!(value, Value::Record(std::sync::Arc::new(vec![Value::Option(None), Value::I64(1)])));
}
