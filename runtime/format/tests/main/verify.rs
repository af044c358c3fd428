//! The verifier.

use mu_format::ir::{Attr, Program};
use mu_format::op::Op;
use mu_format::text::parse;
use mu_format::types::Type;
use mu_format::verify::verify;

/// Operations give what they are declared to, but `exp` gives its argument's type.
fn rule(op: Op, _: &[Attr], args: &[&Type], result: &Type) -> Result<(), String> {
    if op == Op::Exp && args != [result] { Err("exp keeps the type".into()) } else { Ok(()) }
}

fn check(source: &str) -> Result<Program, String> {
    let program = parse(source).map_err(|e| e.to_string())?;
    verify(&program, &rule).map_err(|e| e.to_string())?;
    Ok(program)
}

const GOOD: &str = r#"
labels 0 = ["no", "yes"]
model 0 = "net" sha256 "0000000000000000000000000000000000000000000000000000000000000000" ("x": f32[<= 3]) -> ("y": f32, "z": f32[2])
decision 0 = "s" ("a", "b") ["x" [1.0, 0.0], "y" [0.0, 1.0]] breaks [0.5]
const 0 = "table": list<f32, 4> = [1.0, 2.0]
func @f(%0: option<f32>, %1: result<text>) -> f32 {
  %4: f32 = match %0 present(%2: f32) { yield %2 } absent { %3: f32 = literal 0.0 yield %3 }
  %7: text = match %1 present(%5: text) { yield %5 } absent(%6: text) { yield %6 }
  yield %4
}
func @same(%0: f32) -> f32 { yield %0 }
func @twice(%0: f32) -> f32 { %1: f32 = +(%0, %0) yield %1 }
func @g(%0: f32[3], %1: label<0>, %2: bool) -> {a: f32, b: list<f32, 8>} {
  %3: {y: f32, z: f32[2]} = infer 0(%0)
  %4: f32 = field %3 0
  %5: option<f32> = some %4
  %6: text = literal "x"
  %7: result<text> = err %6
  %8: f32 = call @f(%5, %7)
  %9: list<f32, 4> = const 0
  %12: list<f32, 8> = for %9 where(%10: f32) { yield %2 } do(%11: f32) { yield %8 }
  %15: list<f32, 4> = scan %9 init(%8) do(%13: f32, %14: f32) { yield %13, %14 }
  %16: list<f32, 8> = if %2 { yield %12 } else { yield %15 }
  %17: {a: f32, b: list<f32, 8>} = record(%4, %16)
  %18: f32[3] = exp(%0)
  %19: f32 = dispatch 0 [@same, @twice](%8)
  yield %17
}
entry "go" = @g("x": f32[3], "l": label<0>, "c": bool) -> {a: f32, b: list<f32, 8>}
"#;

#[test]
fn a_sound_program_passes() {
    check(GOOD).unwrap();
}

#[test]
fn each_rule_is_held() {
    for (from, to, message) in [
        (
            "%4: f32 = field %3 0",
            "%4: f32 = field %3 1",
            "in `g`: `%4: f32 = field %3 1`: the result is a f32[2], not a f32",
        ),
        ("%4: f32 = field %3 0", "%4: f32 = field %3 2", "there is no field 2"),
        ("%4: f32 = field %3 0", "%4: f32 = field %0 0", "%0 is no record"),
        ("infer 0(%0)", "infer 1(%0)", "there is no such model"),
        ("infer 0(%0)", "infer 0()", "0 arguments where 1 are taken"),
        ("\"x\": f32[<= 3]", "\"x\": f32[<= 2]", "%0 is a f32[3] where a f32[<= 2] is taken"),
        ("\"x\": f32[<= 3]", "\"x\": f32[_]", "`x` of model `net` is no tensor of bounded size"),
        ("const 0\n", "const 1\n", "there is no such constant"),
        ("[1.0, 2.0]", "[1.0, 2.0, 3.0, 4.0, 5.0]", "constant `table`: 5 elements are more than 4"),
        ("exp(%0)", "exp(%8)", "exp keeps the type"),
        ("yield %2 } do", "yield %8 } do", "a block yields %8: f32 where a bool is taken"),
        ("yield %13, %14", "yield %13", "a block yields 1 values where 2 are taken"),
        ("yield %17", "yield %10", "%10 is not defined here"),
        ("call @f(%5, %7)", "call @f(%5, %5)", "%5 is a option<f32> where a result<text> is taken"),
        (
            "%17: {a: f32, b: list<f32, 8>} = record(%4, %16)",
            "%17: {a: f32, b: list<f32, 2>} = record(%4, %16)",
            "where a list<f32, 2> is taken",
        ),
        (
            "func @f(%0: option<f32>, %1: result<text>) -> f32 {",
            "func @f(%0: option<f32>, %1: result<text>) -> label<1> {",
            "there is no label set 1",
        ),
        ("[\"no\", \"yes\"]", "[\"no\", \"no\"]", "twice"),
        ("sha256 \"0", "sha256 \"G", "model `net` has a broken sha256"),
        (
            "entry \"go\" = @g(\"x\": f32[3]",
            "entry \"go\" = @g(\"x\": f32[2]",
            "entry `go`: its parameters are not its function's",
        ),
        (
            "present(%2: f32) { yield %2 }",
            "present { %2: f32 = literal 1.0 yield %2 }",
            "a block has 0 parameters where 1 are given",
        ),
        ("literal 0.0", "none", "the result is an option, not a f32"),
        ("dispatch 0", "dispatch 1", "there is no such decision"),
        ("[@same, @twice]", "[@same]", "1 functions where the decision has 2 options"),
        ("[@same, @twice]", "[@same, @f]", "1 arguments where 2 are taken"),
        ("[@same, @twice](%8)", "[@same, @twice](%1)", "%1 is a label<0> where a f32 is taken"),
        ("breaks [0.5]", "breaks [1.5]", "decision 0: the breaks are no table"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let error = check(&GOOD.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(message), "{error}\ninstead of {message}");
    }
}

#[test]
fn callees_stand_before_callers_and_calls_do_not_nest_without_end() {
    let mut program =
        parse("func @f() -> f32 { %0: f32 = literal 1.0 yield %0 } func @g() -> f32 { %0: f32 = call @f() yield %0 }")
            .unwrap();
    program.functions.swap(0, 1);
    let error = verify(&program, &rule).unwrap_err().to_string();
    assert!(error.contains("the callee does not stand before its caller"), "{error}");
    let mut source = "func @f0() -> f32 { %0: f32 = literal 1.0 yield %0 }".to_string();
    for i in 1..200 {
        source += &format!("func @f{i}() -> f32 {{ %0: f32 = call @f{}() yield %0 }}", i - 1);
    }
    assert!(check(&source).unwrap_err().contains("calls and blocks nested deeper than 128"));
}
