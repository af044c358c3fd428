//! The selection on large problems, held against HiGHS, a solver of mixed-integer programs.

#[path = "../benches/src/problems.rs"]
mod problems;

use mu_select::{Check, Goal, Limit, Op, Outcome, Problem, Term, select, value};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// A linear term of a problem: a factor for each setting, times a sum of parts, in steps or not.
#[derive(Clone)]
struct Linear {
    factor: Vec<f64>,
    parts: Term,
    step: Option<f64>,
}

/// The alternatives of a sum of terms of which each must stay below what is asked of the largest: one for each branch.
fn branches(problem: &Problem, term: &Term, factor: &[f64]) -> Vec<Vec<Linear>> {
    let times = |by: &Term| -> Option<Vec<f64>> {
        let each = |setting: usize| value(problem, by, Some(setting), &[]).map(|value| factor[setting] * value);
        (0..problem.settings.len()).map(each).collect()
    };
    let joined = |all: Vec<Vec<Linear>>, more: Vec<Vec<Linear>>| -> Vec<Vec<Linear>> {
        let pairs = all.iter().flat_map(|one| more.iter().map(move |two| [one.clone(), two.clone()].concat()));
        pairs.collect()
    };
    match term {
        Term::Add(a, b) => joined(branches(problem, a, factor), branches(problem, b, factor)),
        Term::Sum(terms) => {
            let each = terms.iter().map(|term| branches(problem, term, factor));
            each.fold(vec![Vec::new()], joined)
        }
        Term::Max(terms) => terms.iter().flat_map(|term| branches(problem, term, factor)).collect(),
        Term::Mul(a, b) => match times(a) {
            Some(factor) => branches(problem, b, &factor),
            None => branches(problem, a, &times(b).unwrap()),
        },
        Term::Ceil { term, step } => {
            vec![vec![Linear { factor: factor.to_vec(), parts: (**term).clone(), step: Some(*step) }]]
        }
        term => vec![vec![Linear { factor: factor.to_vec(), parts: term.clone(), step: None }]],
    }
}

/// The parts of a sum that each slot's candidate adds, under each setting.
fn parts(problem: &Problem, term: &Term) -> Value {
    fn terms(term: &Term, found: &mut Vec<Term>) {
        match term {
            Term::Sum(all) => all.iter().for_each(|term| terms(term, found)),
            other => found.push(other.clone()),
        }
    }
    let mut all = Vec::new();
    terms(term, &mut all);
    let slots = problem.slots.iter().enumerate().map(|(slot, of)| {
        let own: Vec<&Term> =
            all.iter().filter(|term| matches!(term, Term::Trait { slot: s, .. } if *s == slot)).collect();
        let each = (0..of.candidates.len()).map(|candidate| {
            let mut choice = vec![0; problem.slots.len()];
            choice[slot] = candidate;
            let under =
                |setting| own.iter().map(|term| value(problem, term, Some(setting), &choice).unwrap()).sum::<f64>();
            (0..problem.settings.len()).map(under).collect::<Vec<f64>>()
        });
        each.collect::<Vec<_>>()
    });
    json!(slots.collect::<Vec<_>>())
}

/// A sum for HiGHS; `less` is taken off the number that is the same for all choices.
fn written(problem: &Problem, sum: &[Linear], less: f64) -> Value {
    let mut constant = -less;
    let mut terms = Vec::new();
    for Linear { factor, parts: of, step } in sum {
        match of {
            Term::Number(number) => constant += number * factor[0],
            _ => terms.push(json!({ "factor": factor, "parts": parts(problem, of), "step": step })),
        }
    }
    json!({ "terms": terms, "constant": constant })
}

fn problem(problem: &Problem) -> Value {
    let sums = |term: &Term, sign: f64, bound: f64| -> Vec<Value> {
        let branches = branches(problem, term, &vec![sign; problem.settings.len()]);
        branches.iter().map(|sum| written(problem, sum, sign * bound)).collect()
    };
    let rows = problem.requirements.iter().flat_map(|requirement| match &requirement.check {
        Check::Compare { left, op: Op::Le, right: Term::Number(bound) } => sums(left, 1.0, *bound),
        Check::Compare { left, op: Op::Ge, right: Term::Number(bound) } => sums(left, -1.0, *bound),
        other => panic!("{other:?} is no bound"),
    });
    let goals = problem.objective.iter().map(|objective| match &objective.goal {
        Goal::Minimize(term) => sums(term, 1.0, 0.0),
        Goal::Maximize(term) => sums(term, -1.0, 0.0),
    });
    let slots: Vec<usize> = problem.slots.iter().map(|slot| slot.candidates.len()).collect();
    json!({
        "slots": slots,
        "settings": problem.settings.len(),
        "rows": rows.collect::<Vec<_>>(),
        "goals": goals.collect::<Vec<_>>(),
    })
}

fn highs(problems: &[Value]) -> Vec<Vec<Option<f64>>> {
    let mut process = Command::new(mu_tests::python::bin().join("python"))
        .arg(mu_tests::root().join("tests/support/highs.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(json!(problems).to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn large_selections_have_the_optimum_that_highs_finds() {
    let mut all = Vec::new();
    for (seed, slots, models, settings) in [(1, 3, 40, 8), (2, 3, 40, 8), (1, 5, 25, 4), (2, 8, 12, 3), (1, 8, 40, 2)] {
        all.extend(problems::ALL.map(|asked| problems::problem(seed, slots, models, settings, asked)));
    }
    all.push(problems::problem(3, 8, 100, 8, problems::Asked::Latency));
    let optima = highs(&all.iter().map(problem).collect::<Vec<_>>());
    let mut chosen = 0;
    for (place, (problem, optimum)) in all.iter().zip(&optima).enumerate() {
        let found = match select(problem, &Limit::default()) {
            Outcome::Chosen(selection) => {
                assert_eq!(selection.gap, None, "problem {place}");
                chosen += 1;
                selection.goals
            }
            Outcome::Infeasible(_) => vec![None],
            Outcome::TooLarge(_) => panic!("problem {place} is searched"),
        };
        for (goal, (found, optimum)) in found.iter().zip(optimum).enumerate() {
            let is_negated = matches!(problem.objective[goal].goal, Goal::Maximize(_));
            let optimum = optimum.map(|optimum| if is_negated { -optimum } else { optimum });
            let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-7 * a.abs();
            assert_eq!(found.is_some(), optimum.is_some(), "problem {place}, goal {goal}");
            assert!(found.zip(optimum).is_none_or(near), "problem {place}, goal {goal}: {found:?} against {optimum:?}");
        }
    }
    assert!(chosen >= all.len() / 2, "{chosen} of {} have a choice", all.len());
}
