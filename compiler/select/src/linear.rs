//! Sums over slots: terms taken apart into one part for each slot, exactly or from below.
//!
//! A worse branch (`Max`) is at least each of its branches, so a term with one has several such sums below it. What is rounded up is
//! at least what it was before.

use crate::range::Range;
use crate::space::{Expr, Space};
use std::collections::BTreeSet;

/// How many sums a term is taken apart into at most.
const MOST: usize = 32;

/// `constant` and the sum of one part for each slot.
#[derive(Debug, Clone)]
pub(crate) struct Separable {
    /// For each slot, for each candidate; infinite where a value is unknown.
    pub parts: Vec<Vec<f64>>,
    pub constant: f64,
    /// An upper bound of all amounts that were added, for margins.
    pub magnitude: f64,
    /// Whether it is the term itself, not only below it.
    pub exact: bool,
}

impl Separable {
    fn zero(space: &Space) -> Separable {
        let parts = space.counts.iter().map(|count| vec![0.0; *count]).collect();
        Separable { parts, constant: 0.0, magnitude: 0.0, exact: true }
    }

    /// Sums that are all below `factor` times the term, whatever the choice; empty where none is known.
    pub fn below(space: &Space, terms: &[(&Expr, f64)]) -> Vec<Separable> {
        let mut sums = vec![Separable::zero(space)];
        for (term, factor) in terms {
            sums = match add(space, sums, term, *factor) {
                Some(sums) => sums,
                None => return Vec::new(),
            };
        }
        sums.retain(|sum| sum.magnitude.is_finite());
        sums
    }
}

/// Adds `factor` times the term to each of the sums.
fn add(space: &Space, mut sums: Vec<Separable>, term: &Expr, factor: f64) -> Option<Vec<Separable>> {
    let mut slots = BTreeSet::new();
    term.slots(&space.leaves, &mut slots);
    let mut all = slots.iter().copied();
    match (all.next(), all.next()) {
        (None, _) => {
            let value = factor * slotless(space, term)?;
            for sum in &mut sums {
                sum.constant += value;
                sum.magnitude += value.abs();
            }
            return Some(sums);
        }
        (Some(slot), None) => {
            part(space, &mut sums, term, factor, slot);
            return Some(sums);
        }
        _ => {}
    }
    match term {
        Expr::Add(a, b) => add(space, add(space, sums, a, factor)?, b, factor),
        Expr::Sub(a, b) => add(space, add(space, sums, a, factor)?, b, -factor),
        Expr::Sum(terms) => terms.iter().try_fold(sums, |sums, term| add(space, sums, term, factor)),
        Expr::Negated(term) => add(space, sums, term, -factor),
        Expr::Mul(a, b) => match (slotless(space, a), slotless(space, b)) {
            (Some(times), _) => add(space, sums, b, factor * times),
            (_, Some(times)) => add(space, sums, a, factor * times),
            _ => None,
        },
        Expr::Div(a, b) => add(space, sums, a, factor / slotless(space, b)?),
        Expr::Max(terms) if factor >= 0.0 => {
            let mut branches = Vec::new();
            for term in terms {
                if branches.len() >= MOST {
                    break;
                }
                branches.extend(add(space, sums.clone(), term, factor)?);
            }
            branches.truncate(MOST);
            branches.iter_mut().for_each(|sum| sum.exact = false);
            Some(branches)
        }
        Expr::Ceil(term, step) => {
            let mut sums = add(space, sums, term, factor)?;
            // It is above the term by less than a step, and below it by next to nothing.
            let off = if factor >= 0.0 { -1e-9 * step * factor } else { step * factor };
            for sum in &mut sums {
                sum.constant += off;
                sum.magnitude += off.abs();
                sum.exact = false;
            }
            Some(sums)
        }
        _ => None,
    }
}

/// A term in which the first sum over slots that is rounded up stands as [`Expr::AtLeast`] of the leaf number `leaf`, and that sum. More
/// of the sum is more of the term. Nothing where there is none.
pub(crate) fn stepped(space: &Space, term: &Expr, leaf: usize) -> Option<(Expr, Expr)> {
    let within = |term: &Expr| stepped(space, term, leaf);
    let rises = |factor: &Expr| slotless(space, factor).is_some_and(|value| value > 0.0);
    match term {
        Expr::Ceil(inner, step) => {
            let mut slots = BTreeSet::new();
            inner.slots(&space.leaves, &mut slots);
            let floored = Expr::Ceil(Box::new(Expr::AtLeast(inner.clone(), leaf)), *step);
            (slots.len() > 1).then(|| (floored, (**inner).clone()))
        }
        Expr::Add(a, b) => match within(a) {
            Some((a, inner)) => Some((Expr::Add(Box::new(a), b.clone()), inner)),
            None => within(b).map(|(b, inner)| (Expr::Add(a.clone(), Box::new(b)), inner)),
        },
        Expr::Mul(a, b) if rises(a) => within(b).map(|(b, inner)| (Expr::Mul(a.clone(), Box::new(b)), inner)),
        Expr::Mul(a, b) if rises(b) => within(a).map(|(a, inner)| (Expr::Mul(Box::new(a), b.clone()), inner)),
        Expr::Div(a, b) if rises(b) => within(a).map(|(a, inner)| (Expr::Div(Box::new(a), b.clone()), inner)),
        Expr::Sum(terms) => {
            let (place, (lifted, inner)) = terms.iter().enumerate().find_map(|(i, t)| Some((i, within(t)?)))?;
            let mut terms = terms.clone();
            terms[place] = lifted;
            Some((Expr::Sum(terms), inner))
        }
        _ => None,
    }
}

/// The value of a term that depends on no slot.
fn slotless(space: &Space, term: &Expr) -> Option<f64> {
    let mut slots = BTreeSet::new();
    term.slots(&space.leaves, &mut slots);
    if slots.is_empty() { term.range(&[]).value() } else { None }
}

/// Adds a term that depends on one slot.
fn part(space: &Space, sums: &mut [Separable], term: &Expr, factor: f64, slot: usize) {
    let mut leaves = vec![Range::UNKNOWN; space.leaves.len()];
    let mut largest: f64 = 0.0;
    for candidate in 0..space.counts[slot] {
        for leaf in &space.leaves_of[slot] {
            leaves[*leaf] = Range::of(space.leaves[*leaf].values[candidate]);
        }
        let value = term.range(&leaves).value().map_or(f64::INFINITY, |value| factor * value);
        if value.is_finite() {
            largest = largest.max(value.abs());
        }
        for sum in sums.iter_mut() {
            sum.parts[slot][candidate] += value;
        }
    }
    sums.iter_mut().for_each(|sum| sum.magnitude += largest);
}
