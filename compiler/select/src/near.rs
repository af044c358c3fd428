//! When nothing fits: the choices that miss least.
//!
//! Nearer is, in this order: fewer missed requirements; fewer of them missed by an unknown amount (an unknown value, a licence);
//! a smaller sum of relative misses (the amount over the needed value, or the amount itself where 0 is needed); names in
//! byte order; the earlier setting.

use crate::case::Case;
use crate::filter::{miss, oriented};
use crate::outcome::Near;
use crate::problem::{Limit, Op, Problem};
use crate::range::Range;
use crate::space::{Rule, Space, Test};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How many near choices are told.
const TOLD: usize = 3;

/// The three nearest choices, which differ in the slots that the conflicting requirements are about.
pub(crate) fn nearest(problem: &Problem, cases: &[Case], conflict: &[usize], limit: &Limit) -> Vec<Near> {
    let Some(Case { space, .. }) = cases.first() else { return Vec::new() };
    let core: BTreeSet<usize> = conflict.iter().flat_map(|rule| space.rules[*rule].slots.iter().copied()).collect();
    if core.is_empty() {
        return Vec::new();
    }
    let reach = reach(space, &core);
    // What is the same for all choices tells none from another.
    let matters = |rule: &Rule| (!rule.slots.is_empty() || cases.len() > 1) && rule.slots.is_subset(&reach);
    let rules: Vec<usize> = (0..space.rules.len()).filter(|rule| matters(&space.rules[*rule])).collect();
    let others = reach.difference(&core).copied();
    let order: Vec<usize> = core.iter().copied().chain(others).collect();
    let mut found = Vec::new();
    let mut nodes = limit.nodes;
    for (place, Case { space, .. }) in cases.iter().enumerate() {
        let everything = space.everything();
        let mut walk = Walk {
            place,
            space,
            rules: &rules,
            order: &order,
            core: core.len(),
            leaves: space.leaves.iter().map(|leaf| leaf.hull(&everything[leaf.slot])).collect(),
            domains: everything,
            choice: vec![None; space.counts.len()],
            found,
            nodes,
        };
        walk.decide(0);
        (found, nodes) = (walk.found, walk.nodes);
    }
    let near = |(distance, choice): (Distance, Vec<Option<usize>>)| {
        Some(near(problem, &cases.get(distance.place)?.space, &rules, &core, &choice))
    };
    found.into_iter().filter_map(near).collect()
}

/// The slots that are tied to the given ones by requirements.
fn reach(space: &Space, core: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut reach = core.clone();
    loop {
        let tied = space.rules.iter().filter(|rule| !rule.slots.is_disjoint(&reach));
        let wider: BTreeSet<usize> =
            tied.flat_map(|rule| rule.slots.iter().copied()).chain(reach.iter().copied()).collect();
        if wider.len() == reach.len() {
            return reach;
        }
        reach = wider;
    }
}

/// The slots of the conflict, and those that a missed requirement names.
fn near(problem: &Problem, space: &Space, rules: &[usize], core: &BTreeSet<usize>, choice: &[Option<usize>]) -> Near {
    let of = |slot: usize| choice.get(slot).copied().flatten();
    let misses: Vec<_> = rules.iter().filter_map(|rule| miss(problem, space, *rule, of)).collect();
    let named = misses.iter().flat_map(|miss| space.rules[miss.requirement].slots.iter());
    let slots: BTreeSet<usize> = core.iter().chain(named).copied().collect();
    Near {
        choice: slots.into_iter().filter_map(|slot| Some((slot, of(slot)?))).collect(),
        setting: space.setting,
        misses,
    }
}

/// How far a choice is from fitting; smaller is nearer.
#[derive(Debug, Clone, PartialEq)]
struct Distance {
    missed: usize,
    unknown: usize,
    relative: f64,
    ranks: Vec<usize>,
    /// The place of the setting.
    place: usize,
}

impl Distance {
    fn compare(&self, other: &Distance) -> Ordering {
        (self.missed, self.unknown)
            .cmp(&(other.missed, other.unknown))
            .then(self.relative.total_cmp(&other.relative))
            .then_with(|| (&self.ranks, self.place).cmp(&(&other.ranks, other.place)))
    }
}

struct Walk<'a> {
    place: usize,
    space: &'a Space,
    rules: &'a [usize],
    /// The slots in the order of deciding; those of the conflict come first.
    order: &'a [usize],
    core: usize,
    domains: Vec<Vec<usize>>,
    leaves: Vec<Range>,
    choice: Vec<Option<usize>>,
    /// The nearest so far, nearest first, at most one for each choice of the conflict's slots.
    found: Vec<(Distance, Vec<Option<usize>>)>,
    nodes: u64,
}

impl Walk<'_> {
    fn decide(&mut self, level: usize) {
        let Some(slot) = self.order.get(level).copied() else { return self.complete() };
        let space = self.space;
        let before: Vec<Range> = space.leaves_of[slot].iter().map(|leaf| self.leaves[*leaf]).collect();
        let mut branches = Vec::new();
        for at in 0..self.domains[slot].len() {
            if self.nodes == 0 {
                break;
            }
            self.nodes -= 1;
            let candidate = self.domains[slot][at];
            self.assign(slot, candidate);
            branches.push((self.distance(), candidate));
        }
        branches.sort_by(|a, b| a.0.compare(&b.0));
        for (distance, candidate) in branches {
            if self.is_far(&distance) {
                break;
            }
            self.assign(slot, candidate);
            self.decide(level + 1);
        }
        for (leaf, range) in space.leaves_of[slot].iter().zip(&before) {
            self.leaves[*leaf] = *range;
        }
        self.choice[slot] = None;
    }

    fn assign(&mut self, slot: usize, candidate: usize) {
        for leaf in &self.space.leaves_of[slot] {
            self.leaves[*leaf] = Range::of(self.space.leaves[*leaf].values.get(candidate).copied().flatten());
        }
        self.choice[slot] = Some(candidate);
    }

    fn is_far(&self, distance: &Distance) -> bool {
        self.found.len() == TOLD && self.found.iter().all(|(found, _)| distance.compare(found) != Ordering::Less)
    }

    fn complete(&mut self) {
        let distance = self.distance();
        let same = |choice: &[Option<usize>]| self.order[..self.core].iter().all(|s| choice[*s] == self.choice[*s]);
        match self.found.iter().position(|(_, choice)| same(choice)) {
            Some(at) if distance.compare(&self.found[at].0) == Ordering::Less => {
                self.found[at] = (distance, self.choice.clone());
            }
            Some(_) => {}
            None => self.found.push((distance, self.choice.clone())),
        }
        self.found.sort_by(|a, b| a.0.compare(&b.0));
        self.found.truncate(TOLD);
    }

    /// The least distance of the choices that are still possible.
    fn distance(&self) -> Distance {
        let rank = |slot: &usize| self.choice[*slot].map_or(0, |candidate| self.space.ranks[*slot][candidate]);
        let mut sum = Distance {
            missed: 0,
            unknown: 0,
            relative: 0.0,
            ranks: self.order.iter().map(rank).collect(),
            place: self.place,
        };
        for rule in self.rules {
            match self.least_miss(*rule) {
                Least::Holds => continue,
                Least::Unknown => sum.unknown += 1,
                Least::By(relative) => sum.relative += relative,
            }
            sum.missed += 1;
        }
        sum
    }

    fn least_miss(&self, rule: usize) -> Least {
        let rule = &self.space.rules[rule];
        match &rule.test {
            Test::License(passes) => {
                let candidate = rule.slots.first().and_then(|slot| self.choice[*slot]);
                let holds =
                    candidate.map_or_else(|| passes.contains(&true), |c| passes.get(c).copied().unwrap_or(false));
                if holds { Least::Holds } else { Least::Unknown }
            }
            Test::Compare { left, op, right } => {
                let (value, op, needed) = oriented(left, *op, right);
                let (value, needed) = (value.range(&self.leaves), needed.range(&self.leaves));
                if value.can_hold(op, needed) {
                    Least::Holds
                } else if value.known && needed.known {
                    Least::By(relative(value, op, needed))
                } else {
                    Least::Unknown
                }
            }
        }
    }
}

enum Least {
    Holds,
    Unknown,
    By(f64),
}

/// The least relative miss of values within these ranges.
fn relative(value: Range, op: Op, needed: Range) -> f64 {
    let below = needed.lo - value.hi;
    let above = value.lo - needed.hi;
    let by = match op {
        Op::Ge | Op::Gt => below,
        Op::Le | Op::Lt => above,
        Op::Eq => below.max(above),
        Op::Ne => 0.0,
    };
    let largest = needed.lo.abs().max(needed.hi.abs());
    let scale = if needed.lo <= 0.0 && needed.hi >= 0.0 { largest.max(1.0) } else { largest };
    by.max(0.0) / scale
}
