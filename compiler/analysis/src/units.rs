//! Units: exponents over the declared base units and an exact factor.

use mu_base::decimal::Decimal;
use std::collections::BTreeMap;

/// A unit of a value: `kg/m^2` is `{kg: 1, m: -2}` with factor 1; `cm` is `{m: 1}` with factor 0.01. Base units are named by
/// their unit, not by their dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit {
    pub exponents: BTreeMap<String, i32>,
    /// How many of the base unit one of these is.
    pub factor: Decimal,
    /// As written in the program, for messages; no part of equality.
    pub shown: Shown,
}

/// A spelling that never counts in comparisons.
#[derive(Debug, Clone, Default)]
pub struct Shown(pub String);

impl PartialEq for Shown {
    fn eq(&self, _: &Shown) -> bool {
        true
    }
}

impl Eq for Shown {}

impl std::hash::Hash for Shown {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Unit {
    /// The unit of plain numbers.
    pub fn one() -> Unit {
        Unit { exponents: BTreeMap::new(), factor: Decimal::ONE, shown: Shown(String::new()) }
    }

    pub fn base(name: &str) -> Unit {
        Unit {
            exponents: BTreeMap::from([(name.to_string(), 1)]),
            factor: Decimal::ONE,
            shown: Shown(name.to_string()),
        }
    }

    pub fn is_one(&self) -> bool {
        self.exponents.is_empty() && self.factor == Decimal::ONE
    }

    /// The same dimension, whatever the factor.
    pub fn same_dimension(&self, other: &Unit) -> bool {
        self.exponents == other.exponents
    }

    /// `self` times `other` to the power `power`; `None` where the factor leaves the range of decimals.
    pub fn times(&self, other: &Unit, power: i32) -> Option<Unit> {
        let mut exponents = self.exponents.clone();
        for (name, exponent) in &other.exponents {
            let sum = exponents.get(name).copied().unwrap_or(0) + exponent * power;
            if sum == 0 {
                exponents.remove(name);
            } else {
                exponents.insert(name.clone(), sum);
            }
        }
        let mut factor = self.factor;
        for _ in 0..power.unsigned_abs() {
            factor = if power > 0 { factor.checked_mul(other.factor)? } else { factor.checked_div(other.factor)? };
        }
        let factor = factor.normalize();
        // The spelling is kept where nothing cancels: `kg/m^2`, not `kg*m^-2`.
        let plain = |unit: &Unit| !unit.shown.0.is_empty() && !unit.shown.0.contains(['/', '*', '^']);
        let apart = self.exponents.keys().all(|k| !other.exponents.contains_key(k));
        let shown = match power {
            1 if self.is_one() => other.shown.0.clone(),
            1 if apart && plain(self) && plain(other) => format!("{}*{}", self.shown.0, other.shown.0),
            -1 if self.is_one() && plain(other) => format!("1/{}", other.shown.0),
            -1 if apart && plain(other) && !self.shown.0.is_empty() => format!("{}/{}", self.shown.0, other.shown.0),
            _ if other.is_one() => self.shown.0.clone(),
            _ => String::new(),
        };
        Some(Unit { exponents, factor, shown: Shown(shown) })
    }

    /// How the unit is written: as in the program, or from its base units.
    pub fn show(&self) -> String {
        if !self.shown.0.is_empty() || self.is_one() {
            return self.shown.0.clone();
        }
        let mut over = Vec::new();
        let mut under = Vec::new();
        for (name, exponent) in &self.exponents {
            let power = exponent.unsigned_abs();
            let text = if power == 1 { name.clone() } else { format!("{name}^{power}") };
            if *exponent > 0 { over.push(text) } else { under.push(text) }
        }
        let mut text = if over.is_empty() { "1".to_string() } else { over.join("*") };
        for name in under {
            text.push('/');
            text.push_str(&name);
        }
        if self.factor == Decimal::ONE { text } else { format!("{} {text}", self.factor.normalize()) }
    }
}
