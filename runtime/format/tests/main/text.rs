//! The text form.

use crate::random::Random;
use mu_format::op::Op;
use mu_format::text::{parse, print};
use mu_format::{MAX_DEPTH, plan};

/// Compares bits: a NaN equals no other in Rust.
fn bits(program: &mu_format::ir::Program) -> Vec<u8> {
    plan::encode(program).unwrap()
}

#[test]
fn what_is_printed_reads_back_to_the_same_program() {
    for seed in 0..1000 {
        let program = Random::new(seed).program();
        let text = print(&program);
        let again = parse(&text).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        assert_eq!(bits(&again), bits(&program), "seed {seed}\n{text}");
        assert_eq!(print(&again), text, "seed {seed}");
    }
}

#[test]
fn floats_keep_their_bits() {
    let floats = ["0.0", "-0.0", "nan", "nan(2143289345)", "inf", "-inf", "1e-45", "3.4028235e38", "16777216.0"];
    for float in floats {
        let text = format!("const 0 = \"x\": f32 = {float}\n");
        assert_eq!(print(&parse(&text).unwrap()), text);
    }
}

#[test]
fn operations_are_told_from_instructions_by_their_names() {
    let words =
        "literal const call infer record list field some none ok err if match for scan yield nan inf".split(' ');
    for word in words {
        assert_eq!(Op::from_name(word), None);
    }
}

#[test]
fn an_error_says_line_and_column() {
    let cases = [
        ("func @f(%0: f32) -> f32 {\n  yeld %0\n}", "2:3: expected `yield`, found `yeld`"),
        ("func @f(%0: f32) -> f32 {\n  %1: f32 = sqr(%0)", "2:13: no instruction or operation is called `sqr`"),
        ("labels 0 = [\"a]", "1:13: a text without its closing quote"),
        ("labels 1 = []", "1:8: expected 0: items are numbered in order"),
        ("func @f(%0: f32, %0: f32) -> f32 { yield %0 }", "1:25: `%0` is defined twice"),
        ("func @f(%0: f23) -> f32 { yield %0 }", "1:13: expected a type, found `f23`"),
        ("const 0 = \"x\": u8 = 256", "1:21: `256` is out of range here"),
        ("entry \"f\" = @f() -> f32", "1:13: no function `f` stands before"),
        ("func @f(%4000000000: f32) -> f32 { yield %0 }", "1:25: `%4000000000` is too large a number"),
        ("func @f(%1: f32) -> f32 { yield %1 }", "1:37: `f` leaves a number out between its values"),
        ("const 0 = \"x\": f32[9, 9, 9] = tensor[99999999999999999, 999999999](", "the shape is too large"),
    ];
    for (source, message) in cases {
        let error = parse(source).unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nfor {source}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let types = |n: usize| format!("const 0 = \"x\": {}text{} = none", "option<".repeat(n), ">".repeat(n));
    assert!(parse(&types(MAX_DEPTH as usize)).is_ok());
    assert!(parse(&types(100_000)).unwrap_err().message.contains("nested deeper"));
    let open = "%1: f32 = for %0 do { ".repeat(100_000);
    let error = parse(&format!("func @f(%0: f32) -> f32 {{ {open}")).unwrap_err();
    assert!(error.message.contains("twice") || error.message.contains("nested deeper"), "{error}");
    let ifs: String = (1..1000).map(|i| format!("%{i}: f32 = if %0 {{ ")).collect();
    assert!(parse(&format!("func @f(%0: bool) -> f32 {{ {ifs}")).is_err());
}
