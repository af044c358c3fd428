//! Circles, reach and order.

use crate::program::*;
use mu_analysis::names::DefId;
use mu_base::Code;
use mu_lower::Node;

fn chain(calls: &[(u32, &[u32])]) -> Program {
    let mut program = Program::default();
    for (id, callees) in calls {
        let args = callees.iter().map(|callee| call(*callee, i64(), Vec::new()));
        let value = args.reduce(|a, b| op("+", i64(), vec![a, b])).unwrap_or_else(|| int(1));
        program.function(*id, &format!("f{id}"), &[], &[], value);
    }
    program
}

#[test]
fn a_circle_is_reported_once_with_its_whole_path() {
    let found = chain(&[(1, &[2]), (2, &[3, 4]), (3, &[1]), (4, &[])]).graph().cycles();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::CallCycle);
    assert_eq!(found[0].message, "calls go in a circle: `f1` -> `f2` -> `f3` -> `f1`");
    let labels: Vec<&str> = found[0].labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(labels, ["`f1` uses `f2`", "`f2` uses `f3`", "`f3` uses `f1`"]);
}

#[test]
fn a_function_that_calls_itself_is_a_circle() {
    let found = chain(&[(1, &[1])]).graph().cycles();
    assert_eq!(found[0].message, "calls go in a circle: `f1` -> `f1`");
}

#[test]
fn a_model_whose_adapter_calls_its_own_slot_is_a_circle() {
    let mut program = Program::default();
    program.slot(1, "reader", 9, i64(), i64());
    program.card(2, "echo", 9, i64(), slot(1, i64(), vec![local(0, i64())]));
    let found = program.graph().cycles();
    assert_eq!(found[0].message, "calls go in a circle: `reader` -> `echo` -> `reader`");
}

#[test]
fn callees_stand_before_callers() {
    let order = chain(&[(1, &[2, 3]), (2, &[3]), (3, &[])]).graph().order();
    let ids = [3, 2, 1].map(|id| Node::Function(DefId(id)));
    assert_eq!(order, Some(ids.to_vec()));
}

#[test]
fn a_type_that_speaks_of_a_slot_reaches_it() {
    use mu_analysis::ty::{SlotTy, Type};
    let mut program = Program::default();
    program.slot(1, "embed", 9, Type::Text, Type::Embedding(SlotTy::Itself));
    let vector = Type::Embedding(SlotTy::Is(DefId(1)));
    program.function(2, "same", std::slice::from_ref(&vector), &[], local(0, vector.clone()));
    assert_eq!(program.graph().slots([Node::Function(DefId(2))]), [DefId(1)]);
}

#[test]
fn the_printed_graph_names_every_part_once() {
    let mut program = Program::default();
    program.slot(1, "reader", 9, i64(), i64());
    program.card(2, "small", 9, i64(), local(0, i64()));
    program.function(3, "read", &[i64()], &[], slot(1, i64(), vec![local(0, i64())]));
    let dot = program.graph().dot([Node::Function(DefId(3))], None);
    assert_eq!(
        dot,
        "digraph program {\n  function3 [label=\"read\", shape=box]\n  slot1 [label=\"reader\", shape=diamond]\n  \
         model2 [label=\"small\", shape=ellipse]\n  function3 -> slot1\n  slot1 -> model2\n}\n"
    );
}
