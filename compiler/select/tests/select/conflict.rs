//! When nothing fits, the explanation equals that of trying everything.

use crate::brute::{self, Choice};
use crate::instances::{self, candidate, compare, of};
use mu_select::*;
use std::collections::BTreeSet;

const LIMIT: Limit = Limit { nodes: 1_000_000 };

/// All subsets of `n` things, smaller ones first, those of one size in order.
fn subsets(n: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..1u32 << n).map(|bits| (0..n).filter(|i| bits >> i & 1 == 1).collect()).collect();
    all.sort_by_key(|set| (set.len(), set.clone()));
    all
}

#[test]
fn the_smallest_conflict_is_that_of_trying_all_subsets() {
    let mut seen = BTreeSet::new();
    for seed in 0..4000 {
        let problem = instances::problem(seed, 3, 5, 6);
        let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { continue };
        let choices = brute::choices(&problem);
        let impossible = |set: &Vec<usize>| !choices.iter().any(|c| brute::meets(&problem, c, |r| set.contains(&r)));
        let smallest = subsets(problem.requirements.len()).into_iter().find(impossible).unwrap();
        assert_eq!((&conflict.minimal, conflict.proven), (&smallest, true), "seed {seed}");
        seen.insert(smallest.len());
        assert_eq!(conflict.relaxations.len(), smallest.len());
        for (rule, relaxation) in smallest.iter().zip(&conflict.relaxations) {
            check_relaxation(&problem, *rule, relaxation.as_ref(), seed);
        }
        check_nearest(&problem, &conflict, seed);
    }
    assert!(seen.len() >= 3, "sizes of conflicts: {seen:?}");
}

fn check_relaxation(problem: &Problem, rule: usize, relaxation: Option<&Relaxation>, seed: u64) {
    let mut without = problem.clone();
    without.requirements[rule] = compare(Term::Number(0.0), Op::Eq, Term::Number(0.0));
    let others: Vec<Choice> =
        brute::choices(problem).into_iter().filter(|c| brute::meets(problem, c, |r| r != rule)).collect();
    let Some(relaxation) = relaxation else {
        assert!(others.is_empty(), "seed {seed}: leaving out {rule} would help");
        return;
    };
    let choice = Choice { setting: relaxation.setting, models: relaxation.choice.clone() };
    assert!(others.contains(&choice), "seed {seed}");
    let Check::Compare { left, right, .. } = &problem.requirements[rule].check else { return };
    let (subject, other) = if left.is_constant() && !right.is_constant() { (right, left) } else { (left, right) };
    let reached = |choice: &Choice, offset: bool| {
        let value = brute::value(problem, subject, choice)?;
        if offset {
            brute::value(problem, &Term::Sub(Box::new(subject.clone()), Box::new(other.clone())), choice)
        } else {
            Some(value)
        }
    };
    let (offset, op, value) = match relaxation.change {
        Change::Bound { op, value } => (false, op, value),
        Change::Offset { op, offset } => (true, op, offset),
        Change::License(_) => panic!("seed {seed}: a comparison is no licence"),
        Change::Remove => return,
    };
    let all = others.iter().filter_map(|choice| reached(choice, offset));
    let nearest = if op == Op::Ge { all.reduce(f64::max) } else { all.reduce(f64::min) };
    let nearest = nearest.unwrap();
    assert!((value - nearest).abs() <= 1e-11 * nearest.abs(), "seed {seed}: {value} {nearest}");
}

/// How far a choice is, by the words of the documentation: missed, missed by an unknown amount, relative amounts.
fn distance(problem: &Problem, choice: &Choice, rules: &[usize]) -> (usize, usize, f64) {
    let (mut missed, mut unknown, mut relative) = (0, 0, 0.0);
    for rule in rules.iter().filter(|rule| !brute::holds(problem, **rule, choice)) {
        missed += 1;
        let Check::Compare { left, op, right } = &problem.requirements[*rule].check else {
            unknown += 1;
            continue;
        };
        let flipped = left.is_constant() && !right.is_constant();
        let (value, needed) = if flipped { (right, left) } else { (left, right) };
        match (brute::value(problem, value, choice), brute::value(problem, needed, choice)) {
            (Some(_), Some(_)) if *op == Op::Ne => {}
            (Some(value), Some(needed)) => {
                relative += (value - needed).abs() / if needed == 0.0 { 1.0 } else { needed.abs() }
            }
            _ => unknown += 1,
        }
    }
    (missed, unknown, relative)
}

fn check_nearest(problem: &Problem, conflict: &Conflict, seed: u64) {
    let rules: Vec<Vec<usize>> = problem.requirements.iter().map(|r| brute::slots(&r.check)).collect();
    let core: BTreeSet<usize> = conflict.minimal.iter().flat_map(|rule| rules[*rule].clone()).collect();
    let mut reach = core.clone();
    for _ in 0..problem.slots.len() {
        for slots in &rules {
            if slots.iter().any(|slot| reach.contains(slot)) {
                reach.extend(slots);
            }
        }
    }
    let matters = |rule: &usize| !rules[*rule].is_empty() || problem.settings.len() > 1;
    let inside = |rule: &usize| matters(rule) && rules[*rule].iter().all(|slot| reach.contains(slot));
    let inside: Vec<usize> = (0..rules.len()).filter(inside).collect();
    let order: Vec<usize> = core.iter().chain(reach.difference(&core)).copied().collect();
    let name = |slot: usize, candidate: usize| (problem.slots[slot].candidates[candidate].name.clone(), candidate);
    let mut all: Vec<_> = brute::choices(problem)
        .into_iter()
        .map(|c| {
            let names = order.iter().map(|s| name(*s, c.models[*s])).collect::<Vec<_>>();
            (distance(problem, &c, &inside), names, c.setting, c)
        })
        .collect();
    all.sort_by(|a, b| (a.0, &a.1, a.2).partial_cmp(&(b.0, &b.1, b.2)).unwrap());
    let mut expected: Vec<(Vec<usize>, usize)> = Vec::new();
    for (distance, _, _, choice) in all {
        let projected: Vec<usize> = core.iter().map(|slot| choice.models[*slot]).collect();
        if !core.is_empty() && expected.len() < 3 && expected.iter().all(|(seen, _)| *seen != projected) {
            expected.push((projected, distance.0));
        }
    }
    let of_core = |near: &Near| near.choice.iter().filter(|(slot, _)| core.contains(slot)).map(|(_, c)| *c).collect();
    let told: Vec<(Vec<usize>, usize)> =
        conflict.nearest.iter().map(|near| (of_core(near), near.misses.len())).collect();
    assert_eq!(told, expected, "seed {seed}");
}

#[test]
fn near_choices_differ_in_the_slots_of_the_conflict() {
    let models = |n: usize| (0..n).map(|i| candidate(&format!("m{i}"), &[("top1", i as f64), ("cost", 1.0)])).collect();
    let slots = ["a", "b"].map(|name| SlotProblem { name: name.into(), candidates: models(4) }).to_vec();
    let joint = Term::Add(Box::new(of(0, "cost")), Box::new(of(1, "cost")));
    let requirements =
        vec![compare(of(0, "top1"), Op::Ge, Term::Number(5.0)), compare(joint, Op::Le, Term::Number(2.0))];
    let Outcome::Infeasible(conflict) = select(&Problem { slots, requirements, ..Problem::default() }, &LIMIT) else {
        panic!("no model is that good")
    };
    assert_eq!(conflict.minimal, [0]);
    let told: Vec<_> = conflict.nearest.iter().map(|near| near.choice.clone()).collect();
    assert_eq!(told, [vec![(0, 3)], vec![(0, 2)], vec![(0, 1)]]);
    assert_eq!(conflict.nearest[0].misses[0].by, Some(2.0));
}

#[test]
fn a_conflict_over_several_slots_is_found_and_relaxed() {
    let slots = ["a", "b"].map(|name| SlotProblem {
        name: name.into(),
        candidates: vec![
            candidate("fast", &[("latency.p95", 2.0), ("top1", 90.0)]),
            candidate("good", &[("latency.p95", 5.0), ("top1", 97.0)]),
        ],
    });
    let sum = Term::Sum(vec![of(0, "latency.p95"), of(1, "latency.p95")]);
    let requirements = vec![
        compare(of(0, "top1"), Op::Ge, Term::Number(80.0)),
        compare(of(1, "top1"), Op::Gt, of(0, "top1")),
        compare(sum, Op::Le, Term::Number(5.0)),
    ];
    let problem = Problem { slots: slots.to_vec(), requirements, ..Problem::default() };
    let Outcome::Infeasible(conflict) = select(&problem, &LIMIT) else { panic!("it conflicts") };
    assert_eq!((conflict.minimal.as_slice(), conflict.proven), ([1, 2].as_slice(), true));
    let changes: Vec<_> = conflict.relaxations.iter().flatten().map(|r| (&r.change, &r.choice)).collect();
    assert_eq!(changes[0], (&Change::Offset { op: Op::Ge, offset: 0.0 }, &vec![0, 0]));
    assert_eq!(changes[1], (&Change::Bound { op: Op::Le, value: 7.0 }, &vec![0, 1]));
}

#[test]
fn a_conflict_that_is_not_proven_smallest_says_so() {
    let problem = (0..4000).map(|seed| instances::problem(seed, 3, 5, 6)).find(|problem| {
        let enough = select(problem, &LIMIT);
        matches!(enough, Outcome::Infeasible(c) if c.minimal.len() >= 3)
    });
    let problem = problem.unwrap();
    let explained: Vec<Conflict> = (1..60)
        .filter_map(|nodes| match select(&problem, &Limit { nodes }) {
            Outcome::Infeasible(conflict) => Some(conflict),
            _ => None,
        })
        .collect();
    let choices = brute::choices(&problem);
    assert!(explained.iter().any(|conflict| !conflict.proven));
    for conflict in explained {
        assert!(!choices.iter().any(|c| brute::meets(&problem, c, |r| conflict.minimal.contains(&r))));
    }
}
