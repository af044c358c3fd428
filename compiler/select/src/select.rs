//! Selects the models of a program, exactly.

use crate::case::{cases, scenes};
use crate::conflict;
use crate::outcome::{Gap, Outcome, Selection, Unproven};
use crate::problem::{Goal, Limit, Objective, Problem};
use crate::search::Best;
use crate::solve::{End, solve};
use crate::value::value;

/// The search goes one call deeper for every slot.
pub(crate) const MAX_SLOTS: usize = 1000;

/// Chooses a model for every slot, and one setting for all, such that all requirements hold and the objective is best.
///
/// * A requirement on an unknown value does not hold. In the objective an unknown value ranks after every known one.
/// * Two values of a goal are equal where they agree to twelve significant digits.
/// * Of choices that are equal by all goals, the one with the smaller total `size` is taken (unknown last), then the one whose
///   names come first in byte order, slot by slot, then the one with the earlier setting.
/// * The answer is exact and depends on nothing but the problem and the limit. If the limit ends the search, the best choice
///   found comes with a [`Gap`]; where none was found, the answer is [`Outcome::TooLarge`].
/// * More than a thousand slots are not searched: [`Outcome::TooLarge`].
pub fn select(problem: &Problem, limit: &Limit) -> Outcome {
    if problem.slots.len() > MAX_SLOTS {
        return Outcome::TooLarge(Unproven { bound: None, nodes: 0 });
    }
    let cases = cases(problem);
    let mut left = limit.nodes;
    let end = solve(&scenes(&cases, |_| true, |space| space.goals.clone()), None, &mut left);
    let nodes = limit.nodes - left;
    let (best, gap) = match end {
        End::Proven(None) => return Outcome::Infeasible(conflict::explain(problem, &cases, limit)),
        End::Stopped { best: None, goal, bound } => {
            return Outcome::TooLarge(Unproven { bound: bound.and_then(|bound| shown(problem, goal, bound)), nodes });
        }
        End::Proven(Some(best)) => (best, None),
        End::Stopped { best: Some(best), goal, bound } => {
            let gap = gap(problem, &best, goal, bound);
            (best, Some(gap))
        }
    };
    let goals = values(problem, best.setting, &best.choice);
    Outcome::Chosen(Selection { choice: best.choice, setting: best.setting, goals, nodes, gap })
}

/// A value of a goal as it was written: a maximum is not negated. Nothing for the total size, which was not written.
fn shown(problem: &Problem, goal: usize, value: f64) -> Option<f64> {
    match problem.objective.get(goal)?.goal {
        Goal::Minimize(_) => Some(value),
        Goal::Maximize(_) => Some(0.0 - value),
    }
}

fn gap(problem: &Problem, best: &Best, goal: usize, bound: Option<f64>) -> Gap {
    let bound = bound.and_then(|bound| shown(problem, goal, bound));
    let value = values(problem, best.setting, &best.choice).get(goal).copied().flatten();
    let absolute = value.zip(bound).map(|(value, bound)| (value - bound).abs());
    let relative = absolute.zip(value).filter(|(_, value)| *value != 0.0).map(|(gap, value)| gap / value.abs());
    Gap { goal: goal.min(problem.objective.len()), bound, absolute, relative }
}

/// The values of the goals of a choice, as they were written.
pub(crate) fn values(problem: &Problem, setting: Option<usize>, choice: &[usize]) -> Vec<Option<f64>> {
    let of = |objective: &Objective| match &objective.goal {
        Goal::Minimize(term) | Goal::Maximize(term) => value(problem, term, setting, choice),
    };
    problem.objective.iter().map(of).collect()
}
