//! Expressions with blocks inside, run by the interpreter.

use crate::program::*;
use mu_analysis::hir::{Block, ExprKind};
use mu_analysis::ty::Type;
use mu_format::value::Value;
use std::sync::Arc;

fn value(ty: Type, kind: ExprKind, locals: &[Type]) -> Result<Value, String> {
    let mut program = Program::default();
    program.function(1, "f", &[], locals, expr(ty, kind));
    program.call(1, Vec::new())
}

fn ints(values: &[i64]) -> Value {
    Value::List(Arc::new(values.iter().map(|v| Value::I64(*v)).collect()))
}

#[test]
fn the_right_side_of_and_is_computed_only_where_it_matters() {
    let fails = || op("==", Type::bool(), vec![op("/", i64(), vec![int(1), int(0)]), int(0)]);
    for (name, left, result) in [("and", false, Ok(false)), ("or", true, Ok(true))] {
        let mut program = Program::default();
        program.function(1, "f", &[], &[], op(name, Type::bool(), vec![truth(left), fails()]));
        assert_eq!(program.call(1, Vec::new()), result.map(Value::Bool));
        let mut program = Program::default();
        program.function(1, "f", &[], &[], op(name, Type::bool(), vec![truth(!left), fails()]));
        assert!(program.call(1, Vec::new()).is_err());
    }
}

#[test]
fn a_match_over_a_thousand_labels_takes_the_right_arm_and_does_not_nest_deep() {
    let names: Vec<String> = (0..1000).map(|i| format!("{i:04}")).collect();
    let set = Type::Label(labels(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    let arm = |i: u32| (expr(set.clone(), ExprKind::Label(i)), int(i64::from(i) * 10));
    let mut program = Program::default();
    let kind = ExprKind::Choose {
        subject: Box::new(local(0, set.clone())),
        arms: (0..999).map(arm).collect(),
        otherwise: Box::new(int(-1)),
    };
    program.function(1, "f", std::slice::from_ref(&set), &[], expr(i64(), kind));
    for (label, result) in [(0, 0), (1, 10), (500, 5000), (998, 9980), (999, -1)] {
        assert_eq!(program.call(1, vec![Value::Label(label)]), Ok(Value::I64(result)));
    }
}

#[test]
fn of_equal_patterns_the_first_arm_counts() {
    let arms = vec![(text("a"), int(1)), (text("b"), int(2)), (text("a"), int(3))];
    let kind = ExprKind::Choose { subject: Box::new(text("a")), arms, otherwise: Box::new(int(4)) };
    assert_eq!(value(i64(), kind, &[]), Ok(Value::I64(1)));
}

#[test]
fn for_filters_and_maps() {
    let elements = expr(list(i64(), 4), ExprKind::List(vec![int(1), int(5), int(7)]));
    let big = op(">", Type::bool(), vec![local(0, i64()), int(2)]);
    let body = block(op("*", i64(), vec![local(0, i64()), int(10)]));
    let kind = ExprKind::For { name: 0, list: Box::new(elements), filter: Some(Box::new(big)), body };
    assert_eq!(value(list(i64(), 4), kind, &[i64()]), Ok(ints(&[50, 70])));
}

#[test]
fn scan_carries_its_states() {
    let elements = expr(list(i64(), 3), ExprKind::List(vec![int(1), int(2), int(3)]));
    let sum = op("+", i64(), vec![local(0, i64()), local(1, i64())]);
    let body = Block { lets: vec![(2, sum)], nexts: vec![local(2, i64())], value: Box::new(local(2, i64())) };
    let kind = ExprKind::Scan { name: 0, list: Box::new(elements), states: vec![(1, int(0))], body };
    assert_eq!(value(list(i64(), 3), kind, &[i64(), i64(), i64()]), Ok(ints(&[1, 3, 6])));
}

#[test]
fn match_takes_options_and_results_apart() {
    let option = Type::Option(Box::new(i64()));
    let subject = Box::new(expr(option, ExprKind::Some(Box::new(int(3)))));
    let (present, absent) = (Box::new(local(0, i64())), Box::new(int(0)));
    let kind = ExprKind::Match { subject, name: 0, present, error: None, absent };
    assert_eq!(value(i64(), kind, &[i64()]), Ok(Value::I64(3)));

    let result = Type::Result(Box::new(Type::Text));
    let subject = Box::new(expr(result, ExprKind::Err(Box::new(text("bad")))));
    let (present, absent) = (Box::new(local(0, Type::Text)), Box::new(local(1, Type::Text)));
    let kind = ExprKind::Match { subject, name: 0, present, error: Some(1), absent };
    assert_eq!(value(Type::Text, kind, &[Type::Text, Type::Text]), Ok(Value::Text("bad".into())));
}
