//! Sound bounds of terms: what values a term can still take while some slots are open.
//!
//! Bounds are computed by the same operations in the same order as values, and rounding is monotone, so a bound is never on the
//! wrong side of a value that can still come.

use crate::problem::Op;

/// The values a term can take. With every slot decided it is a point, or unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// Bounds of the known values; meaningless where `known` is false.
    pub lo: f64,
    pub hi: f64,
    /// Whether some choice gives a known value.
    pub known: bool,
    /// Whether some choice gives an unknown one.
    pub unknown: bool,
}

impl Range {
    pub const UNKNOWN: Range = Range { lo: 0.0, hi: 0.0, known: false, unknown: true };
    /// No value at all: the start of a union.
    pub const NEVER: Range = Range { lo: f64::INFINITY, hi: f64::NEG_INFINITY, known: false, unknown: false };

    pub fn point(value: f64) -> Range {
        if !value.is_finite() {
            return Range::UNKNOWN;
        }
        // Adding 0 makes -0 a 0.
        Range { lo: value + 0.0, hi: value + 0.0, known: true, unknown: false }
    }

    pub fn of(value: Option<f64>) -> Range {
        value.map_or(Range::UNKNOWN, Range::point)
    }

    pub fn union(self, other: Range) -> Range {
        let (lo, hi) = match (self.known, other.known) {
            (true, true) => (self.lo.min(other.lo), self.hi.max(other.hi)),
            (true, false) => (self.lo, self.hi),
            (false, _) => (other.lo, other.hi),
        };
        Range { lo, hi, known: self.known || other.known, unknown: self.unknown || other.unknown }
    }

    /// The value, where nothing is open any more.
    pub fn value(self) -> Option<f64> {
        (self.known && !self.unknown).then_some(self.lo)
    }

    fn is_point(self) -> bool {
        self.known && !self.unknown && self.lo == self.hi
    }

    /// The range of an operation whose extremes `bounds` gives. A value that is not finite is unknown.
    fn combine(self, other: Range, bounds: impl Fn(Range, Range) -> (f64, f64)) -> Range {
        if !self.known || !other.known {
            return Range::UNKNOWN;
        }
        let (lo, hi) = bounds(self, other);
        let unknown = self.unknown || other.unknown;
        if lo.is_finite() && hi.is_finite() {
            Range { lo: lo + 0.0, hi: hi + 0.0, known: true, unknown }
        } else if lo == hi || self.is_point() && other.is_point() {
            Range::UNKNOWN
        } else {
            Range { lo: lo.clamp(f64::MIN, f64::MAX), hi: hi.clamp(f64::MIN, f64::MAX), known: true, unknown: true }
        }
    }

    pub fn add(self, other: Range) -> Range {
        self.combine(other, |a, b| (a.lo + b.lo, a.hi + b.hi))
    }

    pub fn sub(self, other: Range) -> Range {
        self.combine(other, |a, b| (a.lo - b.hi, a.hi - b.lo))
    }

    pub fn mul(self, other: Range) -> Range {
        self.combine(other, |a, b| hull([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]))
    }

    pub fn div(self, other: Range) -> Range {
        self.combine(other, |a, b| {
            if b.lo <= 0.0 && b.hi >= 0.0 && b.lo != b.hi {
                (f64::NEG_INFINITY, f64::INFINITY)
            } else {
                hull([a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi])
            }
        })
    }

    pub fn max(self, other: Range) -> Range {
        self.combine(other, |a, b| (a.lo.max(b.lo), a.hi.max(b.hi)))
    }

    /// Rounded up to a multiple of `step`; what is above one by less than a 10^-9th of a step counts as that one.
    pub fn ceil(self, step: f64) -> Range {
        if !self.known || !step.is_finite() || step <= 0.0 {
            return Range::UNKNOWN;
        }
        let up = |value: f64| {
            let steps = value / step;
            let near = steps.round();
            step * if (steps - near).abs() <= 1e-9 { near } else { steps.ceil() }
        };
        self.combine(self, |a, _| (up(a.lo), up(a.hi)))
    }

    /// What is left where the value is known to be at least `floor`.
    pub fn raised(self, floor: f64) -> Range {
        Range { lo: self.lo.max(floor), hi: self.hi.max(floor), ..self }
    }

    pub fn negated(self) -> Range {
        Range { lo: 0.0 - self.hi, hi: 0.0 - self.lo, ..self }
    }

    /// Whether `self op other` can still hold.
    pub fn can_hold(self, op: Op, other: Range) -> bool {
        self.known
            && other.known
            && match op {
                Op::Lt | Op::Le => op.holds(self.lo, other.hi),
                Op::Gt | Op::Ge => op.holds(self.hi, other.lo),
                Op::Eq => Op::Le.holds(self.lo, other.hi) && Op::Ge.holds(self.hi, other.lo),
                Op::Ne => op.holds(self.lo, other.hi) || op.holds(self.hi, other.lo),
            }
    }
}

/// A value to twelve significant digits: what differs less is equal, so that the rounding of a sum decides nothing. A larger value
/// never becomes the smaller one.
pub(crate) fn settled(value: f64) -> f64 {
    let size = value.abs();
    // Only here are the powers of ten below exact; what is outside is compared as it is.
    if !(1e-10..1e22).contains(&size) {
        return value + 0.0;
    }
    let places = 11 - size.log10().floor() as i32;
    let rounded = if places >= 0 {
        (value * 10f64.powi(places)).round() / 10f64.powi(places)
    } else {
        (value / 10f64.powi(-places)).round() * 10f64.powi(-places)
    };
    rounded + 0.0
}

/// The smallest and the largest; 0 / 0 is no value and is passed over.
fn hull(corners: [f64; 4]) -> (f64, f64) {
    corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), c| (lo.min(*c), hi.max(*c)))
}
