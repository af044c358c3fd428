//! The oracle: every combination, one after the other, by the words of the documentation.

use mu_select::*;
use std::cmp::Ordering;

/// A model for each slot, and a setting where the problem has any.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub setting: Option<usize>,
    pub models: Vec<usize>,
}

impl Choice {
    pub fn of(selection: &Selection) -> Choice {
        Choice { setting: selection.setting, models: selection.choice.clone() }
    }
}

/// All choices, in the order of their settings, then of their candidates' places.
pub fn choices(problem: &Problem) -> Vec<Choice> {
    let settings = match problem.settings.len() {
        0 => vec![None],
        count => (0..count).map(Some).collect(),
    };
    let start = settings.into_iter().map(|setting| Choice { setting, models: Vec::new() }).collect();
    problem.slots.iter().fold(start, |all: Vec<Choice>, slot| {
        let longer = |choice: Choice| {
            let models = move |c| [choice.models.clone(), vec![c]].concat();
            (0..slot.candidates.len()).map(move |c| Choice { setting: choice.setting, models: models(c) })
        };
        all.into_iter().flat_map(longer).collect()
    })
}

pub fn value(problem: &Problem, term: &Term, choice: &Choice) -> Option<f64> {
    let of = |term: &Term| value(problem, term, choice);
    let result = match term {
        Term::Number(value) => *value,
        Term::Trait { slot, key } => {
            let model = &problem.slots[*slot].candidates[choice.models[*slot]];
            match (model.by_setting.get(key), choice.setting) {
                (Some(each), Some(setting)) => each.get(setting)?.value,
                _ => model.traits.get(key)?.value,
            }
        }
        Term::Setting(numbers) => *numbers.get(choice.setting?)?,
        Term::Named { term, .. } => of(term)?,
        Term::Ceil { term, step } => {
            let steps = of(term)? / step;
            let near = steps.round();
            step * if (steps - near).abs() <= 1e-9 { near } else { steps.ceil() }
        }
        Term::Add(a, b) => of(a)? + of(b)?,
        Term::Sub(a, b) => of(a)? - of(b)?,
        Term::Mul(a, b) => of(a)? * of(b)?,
        Term::Div(a, b) => of(a)? / of(b)?,
        Term::Sum(terms) => terms.iter().try_fold(0.0, |sum, term| Some(sum + of(term)?))?,
        Term::Max(terms) => terms.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::max)?,
    };
    result.is_finite().then_some(result)
}

pub fn holds(problem: &Problem, requirement: usize, choice: &Choice) -> bool {
    match &problem.requirements[requirement].check {
        Check::Compare { left, op, right } => {
            let sides = value(problem, left, choice).zip(value(problem, right, choice));
            sides.is_some_and(|(left, right)| op.holds(left, right))
        }
        Check::License { slot, allowed } => {
            let license = problem.slots[*slot].candidates[choice.models[*slot]].license.as_deref();
            let has = |name: &str| allowed.iter().any(|a| a == name);
            match license {
                Some("MIT OR GPL-3.0-only") => has("MIT") || has("GPL-3.0-only"),
                Some("GPL-3.0-only AND MIT") => has("MIT") && has("GPL-3.0-only"),
                Some(other) => has(other),
                None => false,
            }
        }
    }
}

pub fn meets(problem: &Problem, choice: &Choice, asked: impl Fn(usize) -> bool) -> bool {
    (0..problem.requirements.len()).filter(|r| asked(*r)).all(|r| holds(problem, r, choice))
}

pub fn goals(problem: &Problem, choice: &Choice) -> Vec<Option<f64>> {
    let of = |objective: &Objective| match &objective.goal {
        Goal::Minimize(term) | Goal::Maximize(term) => value(problem, term, choice),
    };
    problem.objective.iter().map(of).collect()
}

/// Twelve significant digits.
fn twelve(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap()
}

/// Whether `a` is better than `b`: `Less`.
pub fn compare(problem: &Problem, a: &Choice, b: &Choice) -> Ordering {
    let order = |a: Option<f64>, b: Option<f64>, sign: f64| match (a, b) {
        (Some(a), Some(b)) => (sign * twelve(a)).partial_cmp(&(sign * twelve(b))).unwrap(),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    for (objective, (x, y)) in problem.objective.iter().zip(goals(problem, a).into_iter().zip(goals(problem, b))) {
        let sign = if matches!(objective.goal, Goal::Minimize(_)) { 1.0 } else { -1.0 };
        let by_goal = order(x, y, sign);
        if by_goal != Ordering::Equal {
            return by_goal;
        }
    }
    let key = Key::new("size", None);
    let sizes = Term::Sum((0..problem.slots.len()).map(|slot| Term::Trait { slot, key: key.clone() }).collect());
    let name = |slot: usize, candidate: usize| (problem.slots[slot].candidates[candidate].name.clone(), candidate);
    let names = |choice: &Choice| choice.models.iter().enumerate().map(|(s, c)| name(s, *c)).collect::<Vec<_>>();
    order(value(problem, &sizes, a), value(problem, &sizes, b), 1.0)
        .then_with(|| (names(a), a.setting).cmp(&(names(b), b.setting)))
}

/// The best of the choices for which `may` holds.
pub fn best(problem: &Problem, may: impl Fn(&Choice) -> bool) -> Option<Choice> {
    let all = |_: usize| true;
    choices(problem)
        .into_iter()
        .filter(|choice| may(choice) && meets(problem, choice, all))
        .min_by(|a, b| compare(problem, a, b))
}

/// The slots that a requirement depends on, each once.
pub fn slots(check: &Check) -> Vec<usize> {
    fn walk(term: &Term, into: &mut Vec<usize>) {
        match term {
            Term::Number(_) | Term::Setting(_) => {}
            Term::Ceil { term, .. } | Term::Named { term, .. } => walk(term, into),
            Term::Trait { slot, .. } => into.push(*slot),
            Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
                walk(a, into);
                walk(b, into);
            }
            Term::Sum(terms) | Term::Max(terms) => terms.iter().for_each(|term| walk(term, into)),
        }
    }
    let mut found = Vec::new();
    match check {
        Check::License { slot, .. } => found.push(*slot),
        Check::Compare { left, right, .. } => {
            walk(left, &mut found);
            walk(right, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
