//! Questions to an index, answered by its columns alone.

use crate::error::Error;
use crate::layout::{Aspect, Basis, Key};
use crate::read::{Bytes, Group, Index};
use mu_select::Op;

/// What is asked of the cards of a task.
#[derive(Default)]
pub struct Query<'a> {
    pub requires: Vec<Require>,
    /// Asked once for each licence of the catalog; nothing where every licence will do.
    pub license: Option<&'a dyn Fn(&str) -> bool>,
}

/// A trait: of several columns the first one in which a card has a value counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    pub keys: Vec<Key>,
}

/// A trait against a bound, in base units. What is unknown does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Require {
    pub operand: Operand,
    pub op: Op,
    pub bound: f64,
}

/// What is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    pub operand: Operand,
    /// Whether larger values are better.
    pub maximize: bool,
}

impl<B: Bytes> Index<B> {
    /// The cards of a group that meet everything, by their places, in byte order of their names.
    pub fn filter(&self, group: Group<'_>, query: &Query<'_>) -> Result<Vec<u32>, Error> {
        let mut left: Vec<u32> = (0..group.cards()).collect();
        if let Some(allows) = query.license {
            let allowed: Vec<bool> = self.licenses().iter().map(|license| allows(license)).collect();
            let numbers = self.license_numbers(group)?;
            let passes = |number: Option<&u32>| number.and_then(|n| allowed.get(*n as usize)).copied().unwrap_or(false);
            left.retain(|card| passes(numbers.get(*card as usize)));
        }
        for require in &query.requires {
            if left.is_empty() {
                break;
            }
            let values = self.values(group, &require.operand)?;
            left.retain(|card| {
                values.get(*card as usize).is_some_and(|v| v.is_finite() && require.op.holds(*v, require.bound))
            });
        }
        Ok(left)
    }

    /// The best of the cards that meet everything: by the goals in their order, an unknown value after every known one, then
    /// by the smaller file, then by name.
    pub fn best(&self, group: Group<'_>, query: &Query<'_>, goals: &[Goal]) -> Result<Option<u32>, Error> {
        let mut left = self.filter(group, query)?;
        let size = Operand { keys: vec![Key { path: "size".into(), basis: Basis::File, aspect: Aspect::Value }] };
        let last = Goal { operand: size, maximize: false };
        for goal in goals.iter().chain([&last]) {
            if left.len() < 2 {
                break;
            }
            let values = self.values(group, &goal.operand)?;
            // Smaller is better; what is unknown is larger than everything.
            let rank = |card: u32| match values.get(card as usize) {
                Some(value) if value.is_finite() => {
                    if goal.maximize {
                        0.0 - *value
                    } else {
                        *value
                    }
                }
                _ => f64::INFINITY,
            };
            let least = left.iter().map(|card| rank(*card)).fold(f64::INFINITY, f64::min);
            left.retain(|card| rank(*card) == least);
        }
        Ok(left.first().copied())
    }

    /// The values of a trait for each card of the group; NaN where it is unknown.
    pub fn values(&self, group: Group<'_>, operand: &Operand) -> Result<Vec<f64>, Error> {
        let mut values: Option<Vec<f64>> = None;
        for key in &operand.keys {
            let Some(more) = self.column(group, key)? else { continue };
            values = Some(match values {
                None => more,
                Some(first) => first.into_iter().zip(more).map(|(a, b)| if a.is_nan() { b } else { a }).collect(),
            });
        }
        Ok(values.unwrap_or_else(|| vec![f64::NAN; group.cards() as usize]))
    }
}
