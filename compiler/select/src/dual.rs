//! A stronger bound for the first goal where slots share budgets (the Lagrangian dual).
//!
//! Where the goal and the shared requirements are sums over slots, each requirement gets a price for what it is exceeded by, and
//! a candidate costs its part of the goal plus the price of what it uses. The sum of the least costs, less the price of what is
//! allowed, is never above the goal of a choice that meets the requirements, whatever the prices; good prices make it nearly
//! equal. It is computed in another order than the goal itself, so a margin far above rounding is taken off.

use crate::problem::Op;
use crate::range::Range;
use crate::space::{Expr, Space, Test};
use std::collections::BTreeSet;

/// The price of each candidate under the best prices found.
#[derive(Debug)]
pub(crate) struct Dual {
    /// For each slot, for each candidate; infinite for one that cannot be part of a choice with a known goal.
    pub cost: Vec<Vec<f64>>,
    /// What is added to the sum of the costs, the margin taken off.
    pub constant: f64,
}

/// A sum over slots: `constant` and the sum of one part for each slot.
struct Separable {
    parts: Vec<Vec<f64>>,
    constant: f64,
    /// An upper bound of all amounts that were added, for the margin.
    magnitude: f64,
}

impl Dual {
    /// Nothing where the goal is no sum over slots, or no shared requirement is.
    pub fn new(space: &Space, domains: &[Vec<usize>], rules: &[usize], goal: &Expr) -> Option<Dual> {
        let goal = Separable::of(space, &[(goal, 1.0)])?;
        let shared = |rule: &usize| match &space.rules[*rule].test {
            Test::Compare { left, op: Op::Le | Op::Lt, right } => Separable::of(space, &[(left, 1.0), (right, -1.0)]),
            Test::Compare { left, op: Op::Ge | Op::Gt, right } => Separable::of(space, &[(right, 1.0), (left, -1.0)]),
            _ => None,
        };
        let budgets: Vec<Separable> = rules.iter().filter_map(shared).collect();
        if budgets.is_empty() {
            return None;
        }
        let prices = prices(&goal, &budgets, domains);
        let mut constant = goal.constant;
        let mut magnitude = goal.magnitude;
        let mut cost = goal.parts;
        for (budget, price) in budgets.iter().zip(&prices) {
            constant += price * budget.constant;
            magnitude += price * budget.magnitude;
            for (cost, part) in cost.iter_mut().flatten().zip(budget.parts.iter().flatten()) {
                // What has no known part cannot meet the requirement; 0 x infinity is no number.
                *cost = if part.is_finite() { *cost + price * part } else { f64::INFINITY };
            }
        }
        constant -= 1e-9 * magnitude;
        constant.is_finite().then_some(Dual { cost, constant })
    }

    /// The least cost of a slot's candidates.
    pub fn least(&self, slot: usize, domain: &[usize]) -> f64 {
        domain.iter().map(|candidate| self.cost[slot][*candidate]).fold(f64::INFINITY, f64::min)
    }
}

impl Separable {
    /// The sum of terms with their signs; nothing where that is no sum over slots.
    fn of(space: &Space, terms: &[(&Expr, f64)]) -> Option<Separable> {
        let parts = space.counts.iter().map(|count| vec![0.0; *count]).collect();
        let mut sum = Separable { parts, constant: 0.0, magnitude: 0.0 };
        terms.iter().try_for_each(|(term, sign)| sum.add(space, term, *sign))?;
        sum.magnitude.is_finite().then_some(sum)
    }

    fn add(&mut self, space: &Space, term: &Expr, factor: f64) -> Option<()> {
        match term {
            Expr::Add(a, b) => [(a, factor), (b, factor)].iter().try_for_each(|(t, f)| self.add(space, t, *f)),
            Expr::Sub(a, b) => [(a, factor), (b, -factor)].iter().try_for_each(|(t, f)| self.add(space, t, *f)),
            Expr::Sum(terms) => terms.iter().try_for_each(|term| self.add(space, term, factor)),
            Expr::Negated(term) => self.add(space, term, -factor),
            _ => self.part(space, term, factor),
        }
    }

    /// A term that depends on one slot or none.
    fn part(&mut self, space: &Space, term: &Expr, factor: f64) -> Option<()> {
        let mut slots = BTreeSet::new();
        term.slots(&space.leaves, &mut slots);
        let mut leaves = vec![Range::UNKNOWN; space.leaves.len()];
        let Some(slot) = slots.pop_first() else {
            let value = factor * term.range(&leaves).value()?;
            self.constant += value;
            self.magnitude += value.abs();
            return Some(());
        };
        if !slots.is_empty() {
            return None;
        }
        let mut largest: f64 = 0.0;
        for candidate in 0..space.counts[slot] {
            for leaf in &space.leaves_of[slot] {
                leaves[*leaf] = Range::of(space.leaves[*leaf].values[candidate]);
            }
            match term.range(&leaves).value() {
                Some(value) => {
                    self.parts[slot][candidate] += factor * value;
                    largest = largest.max((factor * value).abs());
                }
                None => self.parts[slot][candidate] = f64::INFINITY,
            }
        }
        self.magnitude += largest;
        Some(())
    }
}

/// The prices of the budgets at which the bound is best, found one after the other in a few rounds.
fn prices(goal: &Separable, budgets: &[Separable], domains: &[Vec<usize>]) -> Vec<f64> {
    let mut prices = vec![0.0; budgets.len()];
    for _ in 0..if budgets.len() == 1 { 1 } else { 3 } {
        for budget in 0..budgets.len() {
            let excess = |price: f64, prices: &mut Vec<f64>| {
                prices[budget] = price;
                excess(goal, budgets, domains, prices, budget)
            };
            let (mut low, mut high) = (0.0, 0.0);
            // The excess falls with the price; the best price is where it changes its sign.
            if excess(0.0, &mut prices) > 0.0 {
                high = 1e-9;
                while high < 1e15 && excess(high, &mut prices) > 0.0 {
                    low = high;
                    high *= 4.0;
                }
                for _ in 0..24 {
                    let middle = (low + high) / 2.0;
                    if excess(middle, &mut prices) > 0.0 { low = middle } else { high = middle }
                }
            }
            prices[budget] = high;
        }
    }
    prices
}

/// By how much the cheapest candidates exceed a budget.
fn excess(goal: &Separable, budgets: &[Separable], domains: &[Vec<usize>], prices: &[f64], budget: usize) -> f64 {
    let cost = |slot: usize, candidate: usize| {
        let priced = budgets.iter().zip(prices).map(|(b, price)| price * b.parts[slot][candidate]);
        goal.parts[slot][candidate] + priced.sum::<f64>()
    };
    let used = domains.iter().enumerate().map(|(slot, domain)| {
        let cheapest = domain.iter().min_by(|a, b| cost(slot, **a).total_cmp(&cost(slot, **b)));
        cheapest.map_or(0.0, |candidate| budgets[budget].parts[slot][*candidate])
    });
    used.sum::<f64>() + budgets[budget].constant
}
