//! Sizes that are known when a kernel is compiled, or only when it runs: dimensions, strides, counts of elements.
//!
//! A size is a whole number times dimensions that are read at run time. Two dimensions that are found to agree become one, so
//! that loops over both can be laid together.

use mu_format::ir::ValueId;
use std::collections::BTreeMap;

/// The place of a dimension in [`Sizes`].
pub(super) type Symbol = usize;

/// A whole number times some dimensions, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    pub by: i64,
    pub of: Vec<Symbol>,
}

impl Size {
    pub const fn fixed(by: i64) -> Size {
        Size { by, of: Vec::new() }
    }

    pub fn symbol(symbol: Symbol) -> Size {
        Size { by: 1, of: vec![symbol] }
    }

    pub fn times(&self, other: &Size) -> Size {
        let by = self.by.wrapping_mul(other.by);
        if by == 0 {
            return Size::fixed(0);
        }
        let mut of = [self.of.as_slice(), other.of.as_slice()].concat();
        of.sort_unstable();
        Size { by, of }
    }

    pub fn negated(&self) -> Size {
        Size { by: self.by.wrapping_neg(), of: self.of.clone() }
    }

    /// The number, where it is known.
    pub fn known(&self) -> Option<i64> {
        self.of.is_empty().then_some(self.by)
    }

    /// The product of some sizes.
    pub fn product<'a>(sizes: impl IntoIterator<Item = &'a Size>) -> Size {
        sizes.into_iter().fold(Size::fixed(1), |all, size| all.times(size))
    }
}

/// Where a dimension comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// An input's.
    Input {
        value: ValueId,
        axis: usize,
    },
    Sum(Size, Size),
    /// Rounded down.
    Quotient(Size, i64),
}

/// What must hold of the inputs' shapes. It stands before what relies on it.
#[derive(Debug, Clone)]
pub(super) enum Check {
    Equal(Size, Size),
    AtMost(Size, i64),
    AtLeast(Size, i64),
}

/// The dimensions of a kernel and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    /// By symbol.
    pub origins: Vec<Origin>,
    pub checks: Vec<Check>,
    same: BTreeMap<Symbol, Size>,
}

impl Sizes {
    pub fn add(&mut self, origin: Origin) -> Size {
        self.origins.push(origin);
        Size::symbol(self.origins.len() - 1)
    }

    /// The size in terms of the fewest symbols.
    pub fn resolved(&self, size: &Size) -> Size {
        let mut result = Size::fixed(size.by);
        for symbol in &size.of {
            result = match self.same.get(symbol) {
                Some(other) => result.times(&self.resolved(other)),
                None => result.times(&Size::symbol(*symbol)),
            };
        }
        result
    }

    /// Demands that two sizes agree; gives the better known of them.
    pub fn unify(&mut self, a: &Size, b: &Size) -> Size {
        let (x, y) = (self.resolved(a), self.resolved(b));
        if x == y {
            return x;
        }
        self.checks.push(Check::Equal(a.clone(), b.clone()));
        let (known, other) = if y.known().is_some() { (y, x) } else { (x, y) };
        match (other.by, other.of.as_slice()) {
            (1, [symbol]) if !known.of.contains(symbol) => drop(self.same.insert(*symbol, known.clone())),
            _ => {}
        }
        known
    }

    /// [`Sizes::unify`] along all axes.
    pub fn unify_all(&mut self, a: &[Size], b: &[Size]) -> Vec<Size> {
        a.iter().zip(b).map(|(a, b)| self.unify(a, b)).collect()
    }

    pub fn added(&mut self, a: &Size, b: &Size) -> Size {
        match (self.resolved(a).known(), self.resolved(b).known()) {
            (Some(a), Some(b)) => Size::fixed(a.wrapping_add(b)),
            _ => self.add(Origin::Sum(a.clone(), b.clone())),
        }
    }
}

/// The distance between neighbours along each axis, in elements, where the last axis is densest.
pub(super) fn row_major(dims: &[Size]) -> Vec<Size> {
    (0..dims.len()).map(|axis| Size::product(dims.iter().skip(axis + 1))).collect()
}
