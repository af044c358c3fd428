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

#[test]
fn what_evidence_counts_is_said_behind_the_value() {
    let mut problem = digits(0.995);
    let key = |claimed, limit| Key { claimed, limit, ..key("top1") };
    let limit = Confident { side: Side::AtLeast, confidence: "95%".into() };
    for (key, words) in [(key(true, None), " as claimed"), (key(false, Some(limit)), " with confidence 95%")] {
        for model in &mut problem.slots[0].candidates {
            model.traits.insert(key.clone(), Evidence::new(0.96, Source::Measured));
        }
        let left = Term::Trait { slot: 0, key };
        problem.requirements[0].check = Check::Compare { left, op: Op::Ge, right: Term::Number(0.995) };
        let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { panic!("none is that good") };
        let miss = miss_text(&problem, &conflict.nearest[0].misses[0], Some(0));
        assert_eq!(miss, format!("top1 on holdout = 96 %{words}, needs >= 99.5 %"));
        let way_out = relaxation_text(&problem, conflict.relaxations[0].as_ref().unwrap(), Some(0));
        assert_eq!(way_out, format!("write `top1 on holdout >= 96 %{words}`"));
    }
}

#[test]
fn what_only_other_slots_exclude_is_told_so() {
    let model = |name: &str, top1: f64, cost: f64| candidate(name, &[("top1", top1), ("cost", cost)]);
    let slot = |name: &str, candidates: Vec<Candidate>| SlotProblem { name: name.into(), candidates };
    let require = |text: &str, left: Term, op: Op, bound: f64| {
        let check = Check::Compare { left, op, right: Term::Number(bound) };
        Requirement { id: 0, text: text.into(), check, unit: UnitShow { factor: 1.0, suffix: String::new() } }
    };
    let sum = |path: &str| Term::Sum(vec![of(0, path), of(1, path)]);
    let problem = Problem {
        slots: vec![
            slot("a", vec![model("small", 1.0, 1.0), model("large", 3.0, 9.0), model("middle", 1.5, 4.0)]),
            slot("b", vec![model("cheap", 1.0, 2.0), model("good", 4.0, 5.0)]),
        ],
        requirements: vec![
            require("cost <= 7", sum("cost"), Op::Le, 7.0),
            require("top1 >= 5", sum("top1"), Op::Ge, 5.0),
        ],
        ..Problem::default()
    };
    let Outcome::Chosen(selection) = select(&problem, &LIMIT) else { panic!("small with good") };
    let table = why(&problem, &selection, 0).unwrap().to_string();
    assert_eq!(
        table,
        "a
  small   chosen
  large   dropped: whatever fits the other slots, it misses cost <= 7
  middle  dropped: with no models for the other slots does all of this hold: cost <= 7; top1 >= 5
"
    );
}
