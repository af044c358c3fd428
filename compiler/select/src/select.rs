//! Selects the models of a program, exactly, and says of every candidate why it was kept or dropped.

use crate::conflict;
use crate::dual::Dual;
use crate::filter::{Filter, miss};
use crate::outcome::{Outcome, Selection, Unproven, Verdict};
use crate::problem::{Goal, Limit, Objective, Problem};
use crate::search::{Best, End, Query, broken, propagate, search};
use crate::space::Space;

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
        return Outcome::TooLarge(Unproven { best: None, bound: None, nodes: 0 });
    }
    let space = Space::new(problem);
    let filter = Filter::new(&space);
    let fitting = filter.domains(|_| true);
    let query = Query { space: &space, domains: &fitting, rules: &filter.joint, goals: &space.goals, dual: None };
    let domains = propagate(&query);
    let dual = space.goals.first().and_then(|goal| Dual::new(&space, &domains, &filter.joint, goal));
    let query = Query { domains: &domains, dual: dual.as_ref(), ..query };
    let mut left = limit.nodes;
    let end = if filter.never.is_empty() { search(&query, &mut left) } else { End::Proven(None) };
    let nodes = limit.nodes - left;
    match end {
        End::Proven(Some(best)) => {
            let goals = written(problem, &best);
            let verdicts = verdicts(problem, &query, &filter, &best, limit);
            Outcome::Chosen(Selection { choice: best.choice, goals, nodes, verdicts })
        }
        End::Proven(None) => Outcome::Infeasible(conflict::explain(problem, &space, &filter, limit)),
        End::Stopped { best, bound } => {
            let bound = match problem.objective.first().map(|o| &o.goal) {
                Some(Goal::Minimize(_)) => bound,
                Some(Goal::Maximize(_)) => bound.map(|b| 0.0 - b),
                None => None,
            };
            let best = best.map(|best| {
                let goals = written(problem, &best);
                (best.choice, goals)
            });
            Outcome::TooLarge(Unproven { best, bound, nodes })
        }
    }
}

/// The values of the goals as they were written: a maximum is not negated, the total size is not among them.
fn written(problem: &Problem, best: &Best) -> Vec<Option<f64>> {
    let sign = |(objective, value): (&Objective, &Option<f64>)| match objective.goal {
        Goal::Minimize(_) => *value,
        Goal::Maximize(_) => value.map(|v| 0.0 - v),
    };
    problem.objective.iter().zip(&best.goals).map(sign).collect()
}

fn verdicts(problem: &Problem, query: &Query, filter: &Filter, best: &Best, limit: &Limit) -> Vec<Vec<Verdict>> {
    let mut left = limit.nodes;
    let mut domains = query.domains.to_vec();
    let broken = broken(query, &query.space.everything());
    let mut verdict = |slot: usize, candidate: usize| {
        let alone = &filter.failed[slot][candidate];
        let together = &broken[slot][candidate];
        if !alone.is_empty() {
            let choice = |s: usize| (s == slot).then_some(candidate);
            let failed = alone.iter().filter_map(|rule| miss(problem, query.space, *rule, choice)).collect();
            return Verdict::Dropped { failed };
        } else if best.choice[slot] == candidate {
            return Verdict::Chosen;
        } else if !together.is_empty() {
            return Verdict::DroppedJointly { failed: together.clone() };
        } else if left == 0 {
            return Verdict::Fits { goals: None };
        }
        let all = std::mem::replace(&mut domains[slot], vec![candidate]);
        let end = search(&Query { domains: &domains, ..*query }, &mut left);
        domains[slot] = all;
        match end {
            End::Proven(Some(other)) => Verdict::Fits { goals: Some(written(problem, &other)) },
            End::Proven(None) => {
                let rules = query.rules.iter().copied();
                Verdict::DroppedJointly {
                    failed: rules.filter(|r| query.space.rules[*r].slots.contains(&slot)).collect(),
                }
            }
            End::Stopped { .. } => Verdict::Fits { goals: None },
        }
    };
    (0..problem.slots.len())
        .map(|slot| (0..problem.slots[slot].candidates.len()).map(|candidate| verdict(slot, candidate)).collect())
        .collect()
}
