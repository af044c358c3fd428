//! Why each candidate of a slot was kept or dropped, with the best choice that has it.

use crate::case::{Case, cases, scenes};
use crate::filter::miss;
use crate::outcome::{Completed, Selection, Verdict};
use crate::problem::{Limit, Problem};
use crate::search::{Aim, Best, Query, broken};
use crate::select::{MAX_SLOTS, values};
use crate::solve::{End, solve};
use std::collections::BTreeSet;

/// The reason for every candidate of a slot, in their order; nothing where there is no such slot. The limit is that of all reasons
/// together.
pub fn reasons(problem: &Problem, selection: &Selection, slot: usize, limit: &Limit) -> Option<Vec<Verdict>> {
    let of = problem.slots.get(slot).filter(|_| problem.slots.len() <= MAX_SLOTS)?;
    let cases = cases(problem);
    let chosen = cases.iter().find(|case| case.space.setting == selection.setting)?;
    let scenes = scenes(&cases, |_| true, |space| space.goals.clone());
    let mut nodes = limit.nodes;
    let mut verdict = |candidate: usize| {
        if selection.choice.get(slot) == Some(&candidate) {
            return Verdict::Chosen;
        }
        match solve(&scenes, Some((slot, candidate)), &mut nodes) {
            End::Proven(Some(best)) => Verdict::Fits { best: Some(completed(problem, best)) },
            End::Proven(None) => jointly(&cases, slot, candidate).unwrap_or_else(|| {
                let choice = |s: usize| (s == slot).then_some(candidate);
                let alone = chosen.filter.failed[slot][candidate].iter();
                Verdict::Dropped { failed: alone.filter_map(|r| miss(problem, &chosen.space, *r, choice)).collect() }
            }),
            End::Stopped { .. } => Verdict::Fits { best: None },
        }
    };
    Some((0..of.candidates.len()).map(&mut verdict).collect())
}

/// Whether the setting leaves each slot a candidate.
fn is_possible(case: &Case) -> bool {
    let some = |slot: &Vec<Vec<usize>>| slot.iter().any(Vec::is_empty);
    case.filter.never.is_empty() && case.filter.failed.iter().all(some)
}

fn completed(problem: &Problem, best: Best) -> Completed {
    let goals = values(problem, best.setting, &best.choice);
    Completed { choice: best.choice, setting: best.setting, goals }
}

/// The shared requirements that leave a candidate no choice: each by itself, or else all that bear on its slot. Nothing where there are
/// none: it fails by itself wherever the other slots have a choice.
fn jointly(cases: &[Case], slot: usize, candidate: usize) -> Option<Verdict> {
    let mut single = BTreeSet::new();
    let mut is_single = true;
    let mut bearing = BTreeSet::new();
    // Under the other settings it fails by itself, or the program does.
    let open = |case: &&Case| is_possible(case) && case.filter.failed[slot][candidate].is_empty();
    for Case { space, filter } in cases.iter().filter(open) {
        let domains = filter.domains(|_| true);
        let rules = &filter.joint;
        let query = Query {
            space,
            domains: &domains,
            rules,
            goals: &[],
            caps: &[],
            aim: Aim::Any,
            duals: &[],
            covered: &[],
            stepped: None,
        };
        let mut only: Vec<Vec<usize>> = vec![Vec::new(); space.counts.len()];
        only[slot].push(candidate);
        let fail = broken(&query, &only).into_iter().flatten().flatten();
        let before = single.len();
        single.extend(fail.map(|rule| (space.setting, rule)));
        is_single &= single.len() > before;
        bearing.extend(rules.iter().copied().filter(|rule| space.rules[*rule].slots.contains(&slot)));
    }
    let rules: BTreeSet<usize> = single.into_iter().map(|(_, rule)| rule).collect();
    let together = !is_single || rules.is_empty();
    let failed: Vec<usize> = if together { bearing } else { rules }.into_iter().collect();
    (!failed.is_empty()).then_some(Verdict::DroppedJointly { failed, together })
}
