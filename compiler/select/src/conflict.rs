//! When nothing fits: the smallest set of requirements that cannot hold together.
//!
//! A set of requirements is impossible when it hits the failures of every choice: no choice fails none of it. So the smallest
//! such set is a smallest hitting set of the failures of all choices. Choices are many, so only those are looked at that
//! disprove a guess: guess a smallest set that hits the failures known so far; search for a choice that meets the guess; its
//! failures are news, or there is none and the guess is the answer.

use crate::case::{Case, scenes};
use crate::filter::holds;
use crate::near;
use crate::outcome::Conflict;
use crate::problem::{Limit, Problem};
use crate::relax;
use crate::search::Best;
use crate::solve::any;
use std::collections::BTreeSet;

/// Explains why no choice meets all requirements, which was proven before.
pub(crate) fn explain(problem: &Problem, cases: &[Case], limit: &Limit) -> Conflict {
    if problem.slots.iter().any(|slot| slot.candidates.is_empty()) {
        return Conflict { minimal: Vec::new(), proven: true, nearest: Vec::new(), relaxations: Vec::new() };
    }
    let mut nodes = limit.nodes;
    let (minimal, proven) = match smallest(cases, &mut nodes) {
        Some(minimal) => (minimal, true),
        None => (irreducible(cases, limit), false),
    };
    let nearest = near::nearest(problem, cases, &minimal, limit);
    let relaxations = minimal.iter().map(|rule| relax::relax(problem, cases, *rule, limit)).collect();
    Conflict { minimal, proven, nearest, relaxations }
}

/// A choice that meets the asked requirements.
enum Met {
    By(Best),
    None,
    /// The nodes were used up.
    Unknown,
}

fn meets(cases: &[Case], asked: &BTreeSet<usize>, nodes: &mut u64) -> Met {
    match any(&scenes(cases, |rule| asked.contains(&rule), |_| Vec::new()), nodes) {
        Some(Some(best)) => Met::By(best),
        Some(None) => Met::None,
        None => Met::Unknown,
    }
}

/// The smallest impossible set, the first in source order among equals; nothing where the nodes did not suffice.
fn smallest(cases: &[Case], nodes: &mut u64) -> Option<Vec<usize>> {
    let mut failures: Vec<Vec<usize>> = Vec::new();
    loop {
        let guess = hitting_set(&failures, nodes)?;
        match meets(cases, &guess.iter().copied().collect(), nodes) {
            Met::None => return Some(guess),
            Met::Unknown => return None,
            Met::By(Best { setting, choice, .. }) => {
                let case = cases.iter().find(|case| case.space.setting == setting)?;
                let failed = |rule: &usize| !holds(&case.space, *rule, |slot| choice.get(slot).copied());
                failures.push((0..case.space.rules.len()).filter(failed).collect());
            }
        }
    }
}

/// The smallest set that has an element of every given one, the first in order among equals.
fn hitting_set(sets: &[Vec<usize>], nodes: &mut u64) -> Option<Vec<usize>> {
    let mut size = 0;
    loop {
        let mut best = None;
        hit(sets, &mut Vec::new(), size, &mut best, nodes)?;
        if best.is_some() {
            return best;
        }
        size += 1;
    }
}

/// Extends `chosen` by at most `room` elements in every way that can hit all sets. Nothing where the nodes were used up.
fn hit(
    sets: &[Vec<usize>],
    chosen: &mut Vec<usize>,
    room: usize,
    best: &mut Option<Vec<usize>>,
    nodes: &mut u64,
) -> Option<()> {
    *nodes = nodes.checked_sub(1)?;
    let missed =
        sets.iter().filter(|set| !set.iter().any(|element| chosen.contains(element))).min_by_key(|set| set.len());
    let Some(missed) = missed else {
        let mut found = chosen.clone();
        found.sort_unstable();
        if best.as_ref().is_none_or(|best| found < *best) {
            *best = Some(found);
        }
        return Some(());
    };
    if room > 0 {
        for element in missed {
            chosen.push(*element);
            hit(sets, chosen, room - 1, best, nodes)?;
            chosen.pop();
        }
    }
    Some(())
}

/// An impossible set from which nothing can be left out, found by leaving out one after the other.
fn irreducible(cases: &[Case], limit: &Limit) -> Vec<usize> {
    let count = cases.first().map_or(0, |case| case.space.rules.len());
    let mut set: BTreeSet<usize> = (0..count).collect();
    let mut nodes = limit.nodes;
    for rule in (0..count).rev() {
        set.remove(&rule);
        if !matches!(meets(cases, &set, &mut nodes), Met::None) {
            set.insert(rule);
        }
    }
    set.into_iter().collect()
}
