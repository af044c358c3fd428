//! Selects the models of a program, exactly, and says of every candidate why it was kept or dropped.

use crate::conflict;
use crate::dual::Dual;
use crate::filter::{Filter, miss};
use crate::outcome::{Outcome, Selection, Unproven, Verdict};
use crate::problem::{Goal, Limit, Objective, Problem};
use crate::search::{Best, End, Query, broken, compare_goal, propagate, search};
use crate::space::Space;
use std::cmp::Ordering;

/// The search goes one call deeper for every slot.
const MAX_SLOTS: usize = 1000;

/// Chooses a model for every slot such that all requirements hold and the objective is best.
///
/// * A requirement on an unknown value does not hold. In the objective an unknown value ranks after every known one.
/// * Of choices that are equal by all goals, the one with the smaller total `size` is taken (unknown last), then the one whose
///   names come first in byte order, slot by slot.
/// * The answer is exact and depends on nothing but the problem and the limit. If the limit ends the search for the best, the
///   answer is [`Outcome::TooLarge`] with the best choice so far and what is proven about it.
/// * More than a thousand slots are not searched: [`Outcome::TooLarge`].
pub fn select(problem: &Problem, limit: &Limit) -> Outcome {
    if problem.slots.len() > MAX_SLOTS {
        return Outcome::TooLarge(Unproven { bound: None, nodes: 0 });
    }
    let spaces = Space::all(problem);
    let mut left = limit.nodes;
    let mut found: Option<Selection> = None;
    let mut merits: Option<Best> = None;
    for space in &spaces {
        let filter = Filter::new(space);
        if !filter.never.is_empty() {
            continue;
        }
        let fitting = filter.domains(|_| true);
        let query = Query { space, domains: &fitting, rules: &filter.joint, goals: &space.goals, dual: None };
        let domains = propagate(&query);
        let dual = space.goals.first().and_then(|goal| Dual::new(space, &domains, &filter.joint, goal));
        let query = Query { domains: &domains, dual: dual.as_ref(), ..query };
        let best = match search(&query, &mut left) {
            End::Proven(best) => best,
            End::Stopped { bound, .. } => {
                return Outcome::TooLarge(Unproven { bound, nodes: limit.nodes - left });
            }
        };
        let Some(best) = best else { continue };
        if merits.as_ref().is_none_or(|known| better(&best, known)) {
            let goals = written(problem, &best);
            let nodes = limit.nodes - left;
            found = Some(Selection { choice: best.choice.clone(), setting: space.setting, goals, nodes, gap: None });
            merits = Some(best);
        }
    }
    match (found, spaces.first()) {
        (Some(selection), _) => Outcome::Chosen(selection),
        (None, Some(space)) => Outcome::Infeasible(conflict::explain(problem, space, &Filter::new(space), limit)),
        (None, None) => Outcome::TooLarge(Unproven { bound: None, nodes: 0 }),
    }
}

fn better(a: &Best, b: &Best) -> bool {
    let goals = a.goals.iter().zip(&b.goals).map(|(a, b)| compare_goal(*a, *b));
    goals.fold(Ordering::Equal, Ordering::then) == Ordering::Less
}

/// The values of the goals as they were written: a maximum is not negated, the total size is not among them.
fn written(problem: &Problem, best: &Best) -> Vec<Option<f64>> {
    let sign = |(objective, value): (&Objective, &Option<f64>)| match objective.goal {
        Goal::Minimize(_) => *value,
        Goal::Maximize(_) => value.map(|v| 0.0 - v),
    };
    problem.objective.iter().zip(&best.goals).map(sign).collect()
}

/// Why each candidate of a slot was kept or dropped; nothing where there is no such slot.
pub fn reasons(problem: &Problem, selection: &Selection, slot: usize, limit: &Limit) -> Option<Vec<Verdict>> {
    let spaces = Space::all(problem);
    let space = spaces.iter().find(|space| space.setting == selection.setting)?;
    let filter = Filter::new(space);
    let fitting = filter.domains(|_| true);
    let query = Query { space, domains: &fitting, rules: &filter.joint, goals: &space.goals, dual: None };
    let mut domains = propagate(&query);
    let dual = space.goals.first().and_then(|goal| Dual::new(space, &domains, &filter.joint, goal));
    let broken = broken(&Query { domains: &domains.clone(), ..query }, &space.everything());
    let mut left = limit.nodes;
    let mut verdict = |candidate: usize| {
        let alone = &filter.failed[slot][candidate];
        let together = &broken[slot][candidate];
        if !alone.is_empty() {
            let choice = |s: usize| (s == slot).then_some(candidate);
            let failed = alone.iter().filter_map(|rule| miss(problem, space, *rule, choice)).collect();
            return Verdict::Dropped { failed };
        } else if selection.choice[slot] == candidate {
            return Verdict::Chosen;
        } else if !together.is_empty() {
            return Verdict::DroppedJointly { failed: together.clone() };
        } else if left == 0 {
            return Verdict::Fits { goals: None };
        }
        let all = std::mem::replace(&mut domains[slot], vec![candidate]);
        let end = search(&Query { domains: &domains, dual: dual.as_ref(), ..query }, &mut left);
        domains[slot] = all;
        match end {
            End::Proven(Some(other)) => Verdict::Fits { goals: Some(written(problem, &other)) },
            End::Proven(None) => {
                let rules = query.rules.iter().copied();
                Verdict::DroppedJointly { failed: rules.filter(|r| space.rules[*r].slots.contains(&slot)).collect() }
            }
            End::Stopped { .. } => Verdict::Fits { goals: None },
        }
    };
    let of = problem.slots.get(slot)?;
    Some((0..of.candidates.len()).map(&mut verdict).collect())
}
