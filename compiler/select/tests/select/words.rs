//! The reasons as people read them.

use crate::instances::{candidate, key, of};
use mu_select::*;

const LIMIT: Limit = Limit { nodes: 1_000_000 };

fn percent() -> UnitShow {
    UnitShow { factor: 0.01, suffix: " %".into() }
}

fn milliseconds() -> UnitShow {
    UnitShow { factor: 0.001, suffix: " ms".into() }
}

/// The reader of digits with four models and a bound on their accuracy.
fn digits(least: f64) -> Problem {
    let models = [
        ("kcnn_8", 0.944, 0.0000367),
        ("kcnn_32", 0.977, 0.0000459),
        ("kcnn_96", 0.9825, 0.0001545),
        ("logreg", 0.911, 0.0000208),
    ];
    let mut candidates =
        models.map(|(name, top1, p95)| candidate(name, &[("top1", top1), ("latency.p95", p95)])).to_vec();
    candidates
        .push(Candidate { license: Some("GPL-3.0-only".into()), ..candidate("other", &[("latency.p95", 0.00001)]) });
    let require = |text: &str, check: Check, unit: UnitShow| Requirement { id: 0, text: text.into(), check, unit };
    let requirements = vec![
        require(
            "top1 on holdout >= 97%",
            Check::Compare { left: of(0, "top1"), op: Op::Ge, right: Term::Number(least) },
            percent(),
        ),
        require(
            "5 ms >= latency.p95",
            Check::Compare { left: Term::Number(0.005), op: Op::Ge, right: of(0, "latency.p95") },
            milliseconds(),
        ),
        require(
            "license in [MIT, Apache-2.0]",
            Check::License { slot: 0, allowed: vec!["MIT".into(), "Apache-2.0".into()] },
            percent(),
        ),
    ];
    let objective = vec![Objective {
        text: "latency.p95".into(),
        goal: Goal::Minimize(of(0, "latency.p95")),
        unit: milliseconds(),
    }];
    Problem {
        slots: vec![SlotProblem { name: "reader".into(), candidates }],
        requirements,
        objective,
        ..Problem::default()
    }
}

#[test]
fn every_candidate_stands_in_the_table_with_its_reason() {
    let problem = digits(0.97);
    let Outcome::Chosen(selection) = select(&problem, &LIMIT) else { panic!("kcnn_32 fits") };
    let table = why(&problem, &selection, 0).unwrap().to_string();
    assert_eq!(
        table,
        "reader
  kcnn_32  chosen: latency.p95 = 0.0459 ms
  kcnn_96  kept: latency.p95 = 0.1545 ms
  kcnn_8   dropped: top1 on holdout = 94.4 %, needs >= 97 %
  logreg   dropped: top1 on holdout = 91.1 %, needs >= 97 %
  other    dropped: top1 on holdout is unknown, needs >= 97 %
                    license = GPL-3.0-only, needs one of MIT, Apache-2.0
"
    );
    assert!(why(&problem, &selection, 1).is_none());
}

#[test]
fn an_impossible_bound_is_explained_with_the_nearest_and_the_way_out() {
    let problem = digits(0.995);
    let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { panic!("none is that good") };
    assert_eq!(conflict.minimal, [0]);
    let near: Vec<String> = conflict
        .nearest
        .iter()
        .map(|near| {
            let name = &problem.slots[0].candidates[near.choice[0].1].name;
            format!(
                "{name}: {}",
                near.misses.iter().map(|m| miss_text(&problem, m, Some(0))).collect::<Vec<_>>().join("; ")
            )
        })
        .collect();
    assert_eq!(
        near,
        [
            "kcnn_96: top1 on holdout = 98.25 %, needs >= 99.5 %",
            "kcnn_32: top1 on holdout = 97.7 %, needs >= 99.5 %",
            "kcnn_8: top1 on holdout = 94.4 %, needs >= 99.5 %",
        ]
    );
    let way_out = conflict.relaxations[0].as_ref().unwrap();
    assert_eq!(relaxation_text(&problem, way_out, Some(0)), "write `top1 on holdout >= 98.25 %`");
}

#[test]
fn a_side_of_a_comparison_is_told_from_the_model() {
    let mut problem = digits(0.9);
    let slow = candidate("slow", &[("top1", 1.0), ("latency.p95", 0.0061234567)]);
    problem.slots[0].candidates = vec![slow];
    let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { panic!("it is too slow") };
    let text = miss_text(&problem, &conflict.nearest[0].misses[0], None);
    assert_eq!(text, "reader.latency.p95 = 6.1235 ms, needs <= 5 ms");
    let way_out = conflict.relaxations[0].as_ref().unwrap();
    assert_eq!(relaxation_text(&problem, way_out, Some(0)), "write `latency.p95 <= 6.1235 ms`");
}

#[test]
fn what_would_have_to_be_allowed_is_told() {
    let mut problem = digits(0.5);
    for model in &mut problem.slots[0].candidates {
        model.license = Some("CC-BY-NC-4.0".into());
    }
    let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { panic!("no licence is allowed") };
    let way_out = conflict.relaxations[0].as_ref().unwrap();
    assert_eq!(relaxation_text(&problem, way_out, Some(0)), "allow the licence CC-BY-NC-4.0");
}

#[test]
fn a_bound_is_rounded_so_that_the_model_still_meets_it() {
    let exact = 0.976_543_21;
    assert_eq!(percent().show(exact), "97.654 %");
    assert_eq!(percent().show_bound(Op::Ge, 0.976_549), "97.654 %");
    assert_eq!(percent().show_bound(Op::Le, 0.976_541), "97.655 %");
    assert_eq!(percent().show_bound(Op::Le, 0.07), "7 %");
    assert_eq!(milliseconds().show(0.0), "0 ms");
    assert_eq!(milliseconds().show(123.0), "123000 ms");
    assert_eq!(UnitShow { factor: 1.0, suffix: String::new() }.show(f64::INFINITY), "inf");
}

#[test]
fn terms_are_shown_as_they_are_written() {
    let problem = digits(0.9);
    let sum = Term::Add(Box::new(of(0, "top1")), Box::new(Term::Number(0.01)));
    let twice = Term::Mul(Box::new(sum.clone()), Box::new(Term::Number(2.0)));
    let shown = |term: &Term, own| term_text(&problem, term, own, &percent());
    assert_eq!(shown(&sum, Some(0)), "top1 on holdout + 1 %");
    assert_eq!(shown(&twice, None), "(reader.top1 on holdout + 1 %) * 2");
    assert_eq!(shown(&Term::Max(vec![of(0, "cost"), of(9, "cost")]), None), "max(reader.cost, an unknown slot.cost)");
    assert_eq!(key("top1").to_string(), "top1 on holdout");
}
