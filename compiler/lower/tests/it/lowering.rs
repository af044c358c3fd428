//! Functions, cards, constants, and what a finished program holds.

use crate::program::*;
use mu_analysis::hir::{Const, ExprKind};
use mu_analysis::names::DefId;
use mu_analysis::ty::{SlotTy, Type};
use mu_base::Code;
use mu_format::text;
use mu_format::value::Value;
use mu_lower::{Error, Lowering};

/// `infer(x: ARG).y` of a vector of two.
fn infer(arg: mu_analysis::hir::Expr) -> mu_analysis::hir::Expr {
    let outputs = expr(Type::Outputs(vec![("y".to_string(), vector(2))]), ExprKind::Infer { args: vec![arg] });
    expr(vector(2), ExprKind::Field { value: Box::new(outputs), index: 0 })
}

/// Two slots for the same task, two models, and an entry that calls both slots.
fn two_slots() -> Program {
    let mut program = Program::default();
    for (id, name) in [(1, "first"), (2, "second")] {
        program.slot(id, name, 9, vector(2), vector(2));
    }
    program.card(3, "small", 9, vector(2), infer(local(0, vector(2))));
    program.card(4, "large", 9, vector(2), infer(op("+", vector(2), vec![local(0, vector(2)), local(0, vector(2))])));
    let first = slot(1, vector(2), vec![local(0, vector(2))]);
    program.function(5, "both", &[vector(2)], &[], slot(2, vector(2), vec![first]));
    program
}

#[test]
fn a_call_of_a_slot_is_a_call_of_the_chosen_cards_adapter() {
    let lowered = two_slots().lower(5, &[(1, 3), (2, 4)]).unwrap();
    let names: Vec<&str> = lowered.program.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["card.small", "card.large", "both"]);
    let models: Vec<&str> = lowered.program.models.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(models, ["small", "large"]);
    assert_eq!(lowered.program.models[0].inputs[0].0, "x:0");
    let printed = text::print(&lowered.program);
    assert!(printed.contains("%1: f32[2] = call @card.small(%0)\n  %2: f32[2] = call @card.large(%1)"), "{printed}");
}

#[test]
fn a_card_that_fills_two_slots_is_there_once() {
    let lowered = two_slots().lower(5, &[(1, 3), (2, 3)]).unwrap();
    assert_eq!((lowered.program.models.len(), lowered.program.functions.len()), (1, 2));
}

#[test]
fn entries_that_chose_differently_get_functions_of_their_own() {
    let mut program = two_slots();
    program.function(6, "other", &[vector(2)], &[], call(5, vector(2), vec![local(0, vector(2))]));
    let graph = program.graph();
    let mut lowering = Lowering::new(program.typed(), &graph, &program.files).unwrap();
    lowering.entry(DefId(5), &chosen(&[(1, 3), (2, 3)])).unwrap();
    lowering.entry(DefId(6), &chosen(&[(1, 3), (2, 4)])).unwrap();
    let lowered = lowering.finish(&mut |_, _, _| Err("no constants".to_string())).unwrap();
    let names: Vec<&str> = lowered.program.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["card.small", "both", "card.large", "both.2", "other"]);
}

#[test]
fn the_vector_of_a_slot_is_that_of_its_card() {
    let mut program = Program::default();
    let embedding = Type::Embedding(SlotTy::Is(DefId(1)));
    program.slot(1, "embed", 9, vector(2), Type::Embedding(SlotTy::Itself));
    program.card(2, "mini", 9, vector(2), infer(local(0, vector(2))));
    let value = slot(1, embedding.clone(), vec![local(0, vector(2))]);
    program.function(3, "f", &[vector(2)], &[], value);
    let lowered = program.lower(3, &[(1, 2)]).unwrap();
    assert_eq!(lowered.program.entries[0].result.to_string(), "f32[2]");
}

#[test]
fn constants_are_evaluated_in_the_order_in_which_they_need_each_other() {
    let mut program = Program::default();
    program.constant(7, "double", op("*", i64(), vec![expr(i64(), ExprKind::Const(DefId(8))), int(2)]));
    program.constant(8, "base", op("+", i64(), vec![int(20), int(1)]));
    program.function(1, "f", &[], &[], expr(i64(), ExprKind::Const(DefId(7))));
    assert_eq!(program.call(1, Vec::new()), Ok(Value::I64(42)));
    let lowered = program.lower(1, &[]).unwrap();
    let names: Vec<&str> = lowered.program.constants.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["double"], "what only a constant needed is gone");
    assert_eq!(lowered.program.functions.len(), 1);
}

#[test]
fn a_constant_that_fails_is_reported_at_its_place() {
    let mut program = Program::default();
    program.constant(7, "bad", op("/", i64(), vec![int(1), int(0)]));
    program.function(1, "f", &[], &[], expr(i64(), ExprKind::Const(DefId(7))));
    let Err(Error::Wrong(diagnostic)) = program.lower(1, &[]) else { panic!("it must fail") };
    assert_eq!(diagnostic.code, Code::EvaluationFailed);
    assert_eq!(diagnostic.place(), Some(loc(7)));
}

#[test]
fn equal_literals_are_shared_and_unused_values_go() {
    let mut program = Program::default();
    let mut value = op("+", i64(), vec![op("+", i64(), vec![int(7), int(7)]), int(7)]);
    value = either(truth(true), value, int(7));
    program.function(1, "f", &[], &[i64()], value);
    let body = &mut program.functions.get_mut(&DefId(1)).unwrap().body;
    body.block.lets.push((0, op("*", i64(), vec![int(3), int(4)])));
    let printed = text::print(&program.lower(1, &[]).unwrap().program);
    assert!(!printed.contains('*'), "{printed}");
    assert_eq!(printed.matches("literal 7").count(), 2, "once in each branch: {printed}");
}

#[test]
fn classes_and_label_sets_reach_the_program() {
    let set = labels(&["b", "a", "c"]);
    let mut program = Program::default();
    let ranking = Type::Ranking(set.clone());
    let consts = vec![Const::Classes(vec![1, 0, 2])];
    let rank = ExprKind::Builtin { name: "rank".to_string(), consts, args: vec![local(0, vector(3))] };
    program.function(1, "f", &[vector(3)], &[], expr(ranking, rank));
    let lowered = program.lower(1, &[]).unwrap();
    assert_eq!(lowered.program.labels, [["a", "b", "c"].map(str::to_string)]);
    assert!(text::print(&lowered.program).contains("rank[classes[1, 0, 2]](%0)"));
}

#[test]
fn calls_that_nest_too_deep_are_an_error_of_the_program() {
    let mut program = Program::default();
    program.function(0, "f0", &[], &[], int(1));
    for id in 1..200 {
        program.function(id, &format!("f{id}"), &[], &[], call(id - 1, i64(), Vec::new()));
    }
    assert!(program.lower(120, &[]).is_ok());
    let Err(Error::Wrong(diagnostic)) = program.lower(199, &[]) else { panic!("it must fail") };
    assert_eq!(diagnostic.code, Code::NestingTooDeep);
    assert_eq!(diagnostic.message, "`f128` nests calls and blocks 129 deep, more than 128");
}
