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
        let kept = self.kept(group, query)?;
        Ok((0..group.cards()).zip(kept).filter(|(_, kept)| *kept).map(|(card, _)| card).collect())
    }

    /// Of each card, whether it meets everything.
    fn kept(&self, group: Group<'_>, query: &Query<'_>) -> Result<Vec<bool>, Error> {
        let mut kept = vec![true; group.cards() as usize];
        if let Some(allows) = query.license {
            let allowed: Vec<bool> = self.licenses().iter().map(|license| allows(license)).collect();
            let numbers = self.license_numbers(group)?;
            for (kept, number) in kept.iter_mut().zip(numbers) {
                *kept = allowed.get(number as usize).copied().unwrap_or(false);
            }
        }
        for require in &query.requires {
            if !kept.contains(&true) {
                break;
            }
            let mut cards = kept.iter_mut();
            self.each(group, &require.operand, |value| {
                if let Some(kept) = cards.next() {
                    *kept &= value.is_finite() && require.op.holds(value, require.bound);
                }
            })?;
        }
        Ok(kept)
    }

    /// The best of the cards that meet everything: by the goals in their order, an unknown value after every known one, then
    /// by the smaller file, then by name.
    pub fn best(&self, group: Group<'_>, query: &Query<'_>, goals: &[Goal]) -> Result<Option<u32>, Error> {
        let mut kept = self.kept(group, query)?;
        let size = Key { path: "size".into(), basis: Basis::File, aspect: Aspect::Value };
        let last = Goal { operand: Operand { keys: vec![size] }, maximize: false };
        for goal in goals.iter().chain([&last]) {
            if kept.iter().filter(|kept| **kept).take(2).count() < 2 {
                break;
            }
            // Smaller is better; what is unknown is larger than everything.
            let rank = |value: f64| match value.is_finite() {
                true if goal.maximize => 0.0 - value,
                true => value,
                false => f64::INFINITY,
            };
            let mut least = f64::INFINITY;
            let mut tied: Vec<usize> = Vec::new();
            let mut place = 0;
            self.each(group, &goal.operand, |value| {
                let rank = rank(value);
                if kept.get(place) == Some(&true) {
                    if rank < least {
                        least = rank;
                        tied.clear();
                    }
                    if rank == least {
                        tied.push(place);
                    }
                }
                place += 1;
            })?;
            kept.fill(false);
            tied.into_iter().for_each(|place| kept.iter_mut().skip(place).take(1).for_each(|kept| *kept = true));
        }
        Ok((0..group.cards()).zip(kept).find(|(_, kept)| *kept).map(|(card, _)| card))
    }

    /// Goes over the values of a trait in the order of the cards; NaN where it is unknown.
    fn each(&self, group: Group<'_>, operand: &Operand, mut with: impl FnMut(f64)) -> Result<(), Error> {
        let columns = group.keys().filter(|key| operand.keys.contains(key)).count();
        match operand.keys.as_slice() {
            [only] if columns == 1 => self.each_value(group, only, with).map(|_| ()),
            _ => {
                self.values(group, operand)?.into_iter().for_each(&mut with);
                Ok(())
            }
        }
    }

    /// The values of a trait for each card of the group; NaN where it is unknown.
    pub fn values(&self, group: Group<'_>, operand: &Operand) -> Result<Vec<f64>, Error> {
        let mut values = vec![f64::NAN; group.cards() as usize];
        for key in &operand.keys {
            let mut cards = values.iter_mut();
            self.each_value(group, key, |value| {
                if let Some(known) = cards.next().filter(|known| known.is_nan()) {
                    *known = value;
                }
            })?;
        }
        Ok(values)
    }
}
