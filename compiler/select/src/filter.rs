//! Which requirements each candidate fails by itself. A requirement on one slot is decided here once and for all; what is left
//! to the search are those that several slots share.

use crate::outcome::Miss;
use crate::problem::{Op, Problem};
use crate::range::Range;
use crate::space::{Expr, Space, Test};

/// The problem with everything decided that concerns one slot alone.
pub(crate) struct Filter {
    /// For each slot, for each candidate, the requirements on that slot alone that it fails, in source order.
    pub failed: Vec<Vec<Vec<usize>>>,
    /// Requirements that depend on no slot and do not hold.
    pub never: Vec<usize>,
    /// Requirements that several slots share.
    pub joint: Vec<usize>,
}

impl Filter {
    pub fn new(space: &Space) -> Filter {
        let mut filter = Filter {
            failed: space.counts.iter().map(|count| vec![Vec::new(); *count]).collect(),
            never: Vec::new(),
            joint: Vec::new(),
        };
        for (number, rule) in space.rules.iter().enumerate() {
            let mut slots = rule.slots.iter().copied();
            match (slots.next(), slots.next()) {
                (Some(slot), None) => {
                    for candidate in 0..space.counts[slot] {
                        if !holds(space, number, |s| (s == slot).then_some(candidate)) {
                            filter.failed[slot][candidate].push(number);
                        }
                    }
                }
                (Some(_), Some(_)) => filter.joint.push(number),
                _ if holds(space, number, |_| None) => {}
                _ => filter.never.push(number),
            }
        }
        filter
    }

    /// The candidates that fail none of the requirements for which `asked` holds.
    pub fn domains(&self, asked: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let fits = |failed: &[usize]| !failed.iter().any(|rule| asked(*rule));
        let slot = |slot: &Vec<Vec<usize>>| (0..slot.len()).filter(|c| fits(&slot[*c])).collect();
        self.failed.iter().map(slot).collect()
    }
}

/// The leaves of a choice; a slot without a candidate is unknown.
fn leaves(space: &Space, choice: impl Fn(usize) -> Option<usize>) -> Vec<Range> {
    let value = |leaf: &crate::space::Leaf| leaf.values.get(choice(leaf.slot)?).copied().flatten();
    space.leaves.iter().map(|leaf| Range::of(value(leaf))).collect()
}

/// Whether a requirement holds for a choice.
pub(crate) fn holds(space: &Space, rule: usize, choice: impl Fn(usize) -> Option<usize>) -> bool {
    let rule = &space.rules[rule];
    match &rule.test {
        Test::Compare { left, op, right } => {
            let leaves = leaves(space, choice);
            left.range(&leaves).can_hold(*op, right.range(&leaves))
        }
        Test::License(passes) => {
            let candidate = rule.slots.first().and_then(|slot| choice(*slot));
            candidate.and_then(|c| passes.get(c)).copied().unwrap_or(false)
        }
    }
}

/// The requirement as missed by a choice; nothing where it holds.
pub(crate) fn miss(
    problem: &Problem,
    space: &Space,
    rule: usize,
    choice: impl Fn(usize) -> Option<usize>,
) -> Option<Miss> {
    if holds(space, rule, &choice) {
        return None;
    }
    match &space.rules[rule].test {
        Test::Compare { left, op, right } => {
            let leaves = leaves(space, choice);
            let (value, op, needed) = oriented(left, *op, right);
            let (value, needed) = (value.range(&leaves).value(), needed.range(&leaves).value());
            let by = value.zip(needed).map(|(value, needed)| (value - needed).abs());
            Some(Miss { requirement: rule, value, op, needed, by, license: None })
        }
        Test::License(_) => {
            let slot = space.rules[rule].slots.first().copied();
            let candidate = slot.and_then(|s| problem.slots.get(s)?.candidates.get(choice(s)?));
            let license = candidate.and_then(|c| c.license.clone());
            Some(Miss { requirement: rule, value: None, op: Op::Eq, needed: None, by: None, license })
        }
    }
}

/// The comparison with the side that depends on the choice on the left.
pub(crate) fn oriented<'a>(left: &'a Expr, op: Op, right: &'a Expr) -> (&'a Expr, Op, &'a Expr) {
    if left.is_constant() && !right.is_constant() { (right, op.flipped(), left) } else { (left, op, right) }
}
