//! End-to-end terms.

use crate::program::*;
use mu_analysis::hir::{Expr, ExprKind};
use mu_analysis::names::DefId;
use mu_base::decimal::Decimal;
use mu_lower::compose::end_to_end;
use mu_select::{Key, Term};
use std::collections::BTreeMap;

/// Slots 1 and 2, a function 3 that calls slot 1, and the function 4 under test.
fn whole(path: &str, value: Expr) -> Option<Term> {
    let mut program = Program::default();
    program.slot(1, "fast", 9, i64(), i64());
    program.slot(2, "good", 9, i64(), i64());
    program.function(3, "helper", &[], &[], fast());
    program.function(4, "entry", &[], &[i64(), i64()], value);
    let slots = BTreeMap::from([(DefId(1), 0), (DefId(2), 1)]);
    end_to_end(&program.typed(), &program.graph(), DefId(4), &key(path), &slots)
}

fn key(path: &str) -> Key {
    Key::new(path, None)
}

fn of(slot: usize, path: &str) -> Term {
    Term::Trait { slot, key: key(path) }
}

fn times(count: f64, term: Term) -> Term {
    Term::Mul(Box::new(Term::Number(count)), Box::new(term))
}

fn fast() -> Expr {
    slot(1, i64(), vec![int(1)])
}

fn good() -> Expr {
    slot(2, i64(), vec![int(1)])
}

const P95: &str = "latency.p95";

#[test]
fn calls_add_through_functions() {
    let value = op("+", i64(), vec![fast(), op("+", i64(), vec![good(), call(3, i64(), Vec::new())])]);
    assert_eq!(whole(P95, value), Some(Term::Sum(vec![times(2.0, of(0, P95)), of(1, P95)])));
}

#[test]
fn of_two_branches_the_worse_counts() {
    assert_eq!(whole(P95, either(truth(true), fast(), good())), Some(Term::Max(vec![of(0, P95), of(1, P95)])));
}

#[test]
fn a_branch_that_is_worse_whatever_the_models_are_counts_alone() {
    let both = op("+", i64(), vec![fast(), good()]);
    assert_eq!(whole(P95, either(truth(true), fast(), both)), Some(Term::Sum(vec![of(0, P95), of(1, P95)])));
    assert_eq!(whole(P95, either(truth(true), int(1), good())), Some(of(1, P95)));
}

#[test]
fn a_loop_counts_as_often_as_its_list_is_long() {
    let elements = expr(list(i64(), 16), ExprKind::List(vec![fast()]));
    let kind = ExprKind::For { name: 0, list: Box::new(elements), filter: Some(Box::new(good())), body: block(good()) };
    let value = expr(list(i64(), 16), kind);
    assert_eq!(whole(P95, value), Some(Term::Sum(vec![of(0, P95), times(32.0, of(1, P95))])));
}

#[test]
fn means_follow_the_expected_share_and_percentiles_do_not() {
    let value = || {
        let mut value = either(truth(true), good(), fast());
        if let ExprKind::If { expect, .. } = &mut value.kind {
            *expect = Some(Decimal::new(25, 2));
        }
        value
    };
    let mean = "latency.mean";
    assert_eq!(whole(mean, value()), Some(Term::Sum(vec![times(0.75, of(0, mean)), times(0.25, of(1, mean))])));
    assert_eq!(whole(P95, value()), Some(Term::Max(vec![of(1, P95), of(0, P95)])));
}

#[test]
fn sizes_add_over_slots_however_often_they_are_called() {
    let value = op("+", i64(), vec![fast(), fast()]);
    assert_eq!(whole("size", value), Some(Term::Sum(vec![of(0, "size"), of(1, "size")])));
}

#[test]
fn a_metric_has_no_meaning_for_a_whole_program() {
    assert_eq!(whole("top1", fast()), None);
}

#[test]
fn a_long_chain_of_branches_stays_small() {
    let mut value = fast();
    for _ in 0..200 {
        value = op("+", i64(), vec![either(truth(true), fast(), good()), value]);
    }
    let worse = Term::Max(vec![of(0, P95), of(1, P95)]);
    assert_eq!(whole(P95, value), Some(Term::Sum(vec![of(0, P95), times(200.0, worse)])));
}
