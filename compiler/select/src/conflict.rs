//! When nothing fits: the smallest set of requirements that cannot hold together.
//!
//! A set of requirements is impossible when it hits the failures of every choice: no choice fails none of it. So the smallest
//! such set is a smallest hitting set of the failures of all choices. Choices are many, so only those are looked at that
//! disprove a guess: guess a smallest set that hits the failures known so far; search for a choice that meets the guess; its
//! failures are news, or there is none and the guess is the answer.

use crate::filter::{Filter, holds};
use crate::near;
use crate::outcome::Conflict;
use crate::problem::{Limit, Problem};
use crate::relax;
use crate::search::{End, Query, search};
use crate::space::Space;
use std::collections::BTreeSet;

/// Explains why no choice meets all requirements, which was proven before.
pub(crate) fn explain(problem: &Problem, space: &Space, filter: &Filter, limit: &Limit) -> Conflict {
    if space.counts.contains(&0) {
        return Conflict { minimal: Vec::new(), proven: true, nearest: Vec::new(), relaxations: Vec::new() };
    }
    let mut nodes = limit.nodes;
    let (minimal, proven) = match smallest(space, filter, &mut nodes) {
        Some(minimal) => (minimal, true),
        None => (irreducible(space, filter, limit), false),
    };
    let nearest = near::nearest(problem, space, &minimal, limit);
    let relaxations = minimal.iter().map(|rule| relax::relax(problem, space, filter, *rule, limit)).collect();
    Conflict { minimal, proven, nearest, relaxations }
}

/// A choice that meets the asked requirements.
enum Met {
    By(Vec<usize>),
    None,
    /// The nodes were used up.
    Unknown,
}

fn meets(space: &Space, filter: &Filter, asked: &BTreeSet<usize>, nodes: &mut u64) -> Met {
    if filter.never.iter().any(|rule| asked.contains(rule)) {
        return Met::None;
    }
    let domains = filter.domains(|rule| asked.contains(&rule));
    let joint: Vec<usize> = filter.joint.iter().copied().filter(|rule| asked.contains(rule)).collect();
    match search(&Query { space, domains: &domains, rules: &joint, goals: &[], dual: None }, nodes) {
        End::Proven(Some(best)) => Met::By(best.choice),
        End::Proven(None) => Met::None,
        End::Stopped { best: Some(best), .. } => Met::By(best.choice),
        End::Stopped { best: None, .. } => Met::Unknown,
    }
}

/// The smallest impossible set, the first in source order among equals; nothing where the nodes did not suffice.
fn smallest(space: &Space, filter: &Filter, nodes: &mut u64) -> Option<Vec<usize>> {
    let mut failures: Vec<Vec<usize>> = Vec::new();
    loop {
        let guess = hitting_set(&failures, nodes)?;
        match meets(space, filter, &guess.iter().copied().collect(), nodes) {
            Met::None => return Some(guess),
            Met::Unknown => return None,
            Met::By(choice) => {
                let failed = |rule: &usize| !holds(space, *rule, |slot| choice.get(slot).copied());
                failures.push((0..space.rules.len()).filter(failed).collect());
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
fn irreducible(space: &Space, filter: &Filter, limit: &Limit) -> Vec<usize> {
    let mut set: BTreeSet<usize> = (0..space.rules.len()).collect();
    let mut nodes = limit.nodes;
    for rule in (0..space.rules.len()).rev() {
        set.remove(&rule);
        if !matches!(meets(space, filter, &set, &mut nodes), Met::None) {
            set.insert(rule);
        }
    }
    set.into_iter().collect()
}
