//! A bound where slots share budgets (the Lagrangian dual).
//!
//! Where a goal and the shared requirements are sums over slots (or have such sums below them), each requirement gets a price for
//! what it is exceeded by, and a candidate costs its part of the goal plus the price of what it uses. The sum of the least costs,
//! less the price of what is allowed, is never above the goal of a choice that meets the requirements, whatever the prices; good
//! prices make it nearly equal. It is computed in another order than the goal itself, so a margin far above rounding is taken off.

use crate::linear::Separable;
use crate::problem::Op;
use crate::space::{Expr, Space, Test};

/// A bound of something that must not be above a cap.
#[derive(Debug)]
pub(crate) struct Dual {
    /// For each slot, for each candidate, its cost under the best prices found; infinite for one that cannot be part of a choice
    /// whose bounded value is known.
    pub cost: Vec<Vec<f64>>,
    /// What is added to the sum of the costs, the margin taken off.
    pub constant: f64,
    pub bounds: Bounded,
}

/// What a dual is a bound of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounded {
    /// By how much the shared requirements are exceeded, which must not be above 0.
    Excess,
    /// A goal, by its place.
    Goal(usize),
    /// A part of the goal that is searched for, which is rounded up to steps.
    Part,
}

/// What duals are made from.
#[derive(Clone, Copy)]
pub(crate) struct Basis<'a> {
    pub space: &'a Space,
    /// The candidates by which prices are found; a dual is a bound for all others, too.
    pub domains: &'a [Vec<usize>],
    pub rules: &'a [usize],
    pub goals: &'a [Expr],
    /// What the first goals are at most; nothing where they may be anything.
    pub caps: &'a [Option<f64>],
}

impl Basis<'_> {
    /// A bound of the goal after those with caps. Nothing where it has no sum below it, or nothing is shared.
    pub fn goal(&self) -> Option<Dual> {
        self.term(self.goals.get(self.caps.len())?, Bounded::Goal(self.caps.len()))
    }

    /// A bound of a part of that goal.
    pub fn part(&self, part: &Expr) -> Option<Dual> {
        self.term(part, Bounded::Part)
    }

    fn term(&self, term: &Expr, bounds: Bounded) -> Option<Dual> {
        let sums = Separable::below(self.space, &[(term, 1.0)]);
        let mut budgets = budgets(self.space, self.rules);
        for (before, cap) in self.goals.iter().zip(self.caps) {
            if let Some(cap) = cap {
                budgets.extend(Separable::below(self.space, &[(before, 1.0), (&Expr::Number(*cap), -1.0)]));
            }
        }
        if budgets.is_empty() && sums.len() == 1 {
            return None;
        }
        Dual::new(sums, budgets, self.domains, bounds)
    }

    /// The excess of each shared requirement by itself, and the requirements whose excess it is. It costs less than to look at the ranges
    /// of their values.
    pub fn each(&self) -> (Vec<Dual>, Vec<usize>) {
        let (mut duals, mut covered) = (Vec::new(), Vec::new());
        for rule in self.rules {
            let sums = budgets(self.space, &[*rule]);
            if !(1..=4).contains(&sums.len()) {
                continue;
            }
            covered.push(*rule);
            duals.extend(sums.into_iter().map(|mut sum| {
                let known = |part: &mut f64| *part = if part.is_finite() { *part } else { f64::INFINITY };
                sum.parts.iter_mut().flatten().for_each(known);
                let constant = sum.constant - 1e-9 * sum.magnitude;
                Dual { cost: sum.parts, constant, bounds: Bounded::Excess }
            }));
        }
        (duals, covered)
    }

    /// A bound of the largest excess of the shared requirements. Nothing where there are fewer than two: of one, the ranges of its
    /// values tell as much.
    pub fn excess(&self) -> Option<Dual> {
        let mut budgets = budgets(self.space, self.rules);
        if budgets.len() < 2 {
            return None;
        }
        // Each in its own measure: bytes and seconds have no common one.
        for budget in &mut budgets {
            let scale = if budget.magnitude > 0.0 { budget.magnitude } else { 1.0 };
            budget.parts.iter_mut().flatten().for_each(|part| *part /= scale);
            budget.constant /= scale;
            budget.magnitude /= scale;
        }
        Dual::new(budgets, Vec::new(), self.domains, Bounded::Excess)
    }
}

impl Dual {
    /// A bound of the largest of `sums` where the `budgets` are not above 0.
    fn new(sums: Vec<Separable>, budgets: Vec<Separable>, domains: &[Vec<usize>], bounds: Bounded) -> Option<Dual> {
        if sums.is_empty() {
            return None;
        }
        let terms: Vec<Separable> = sums.iter().chain(&budgets).cloned().collect();
        let prices = Prices::new(&terms, sums.len(), domains).best();
        let mut constant = 0.0;
        let mut magnitude = 0.0;
        let mut cost: Vec<Vec<f64>> = terms.first()?.parts.iter().map(|parts| vec![0.0; parts.len()]).collect();
        for (term, price) in terms.iter().zip(&prices) {
            constant += price * term.constant;
            magnitude += price * term.magnitude;
            for (cost, part) in cost.iter_mut().flatten().zip(term.parts.iter().flatten()) {
                // What has no known part cannot meet the requirement; 0 x infinity is no number.
                *cost = if part.is_finite() { *cost + price * part } else { f64::INFINITY };
            }
        }
        constant -= 1e-9 * magnitude;
        constant.is_finite().then_some(Dual { cost, constant, bounds })
    }

    /// The least cost of a slot's candidates.
    pub fn least(&self, slot: usize, domain: &[usize]) -> f64 {
        domain.iter().map(|candidate| self.cost[slot][*candidate]).fold(f64::INFINITY, f64::min)
    }
}

/// The shared requirements as sums that must not be above 0.
fn budgets(space: &Space, rules: &[usize]) -> Vec<Separable> {
    let sums = |rule: &usize| {
        let Test::Compare { left, op, right } = &space.rules[*rule].test else { return Vec::new() };
        let at_most = || Separable::below(space, &[(left, 1.0), (right, -1.0)]);
        let at_least = || Separable::below(space, &[(right, 1.0), (left, -1.0)]);
        match op {
            Op::Le | Op::Lt => at_most(),
            Op::Ge | Op::Gt => at_least(),
            Op::Eq => at_most().into_iter().chain(at_least()).collect(),
            Op::Ne => Vec::new(),
        }
    };
    rules.iter().flat_map(sums).collect()
}

/// The search for good prices: those of the first `free` terms add up to 1, the others are at least 0.
struct Prices {
    free: usize,
    /// For each slot, the scaled parts of each term of each of its candidates with known parts, one after the other.
    rows: Vec<Vec<f64>>,
    constants: Vec<f64>,
    scales: Vec<f64>,
}

impl Prices {
    fn new(terms: &[Separable], free: usize, domains: &[Vec<usize>]) -> Prices {
        let own = |term: &Separable| if term.magnitude > 0.0 { term.magnitude } else { 1.0 };
        let common = terms[..free].iter().map(own).fold(f64::MIN_POSITIVE, f64::max);
        let scales: Vec<f64> =
            terms.iter().enumerate().map(|(i, term)| if i < free { common } else { own(term) }).collect();
        let row = |slot: usize, candidate: usize| -> Vec<f64> {
            terms.iter().zip(&scales).map(|(term, scale)| term.parts[slot][candidate] / scale).collect()
        };
        let rows = domains.iter().enumerate().map(|(slot, domain)| {
            let rows = domain.iter().map(|candidate| row(slot, *candidate));
            rows.filter(|row| row.iter().all(|part| part.is_finite())).flatten().collect()
        });
        let constants = terms.iter().zip(&scales).map(|(term, scale)| term.constant / scale).collect();
        Prices { free, rows: rows.collect(), constants, scales }
    }

    /// The bound under the prices; `values` gets the value of each term for the cheapest choice.
    fn bound(&self, prices: &[f64], values: &mut Vec<f64>) -> f64 {
        values.clone_from(&self.constants);
        let cost = |row: &[f64]| row.iter().zip(prices).map(|(part, price)| part * price).sum::<f64>();
        for rows in &self.rows {
            let mut cheapest: Option<(f64, &[f64])> = None;
            for row in rows.chunks_exact(prices.len()) {
                let cost = cost(row);
                if cheapest.is_none_or(|(least, _)| cost < least) {
                    cheapest = Some((cost, row));
                }
            }
            for (value, part) in values.iter_mut().zip(cheapest.into_iter().flat_map(|(_, row)| row)) {
                *value += part;
            }
        }
        cost(values)
    }

    /// Prices for the terms as they were before scaling.
    fn best(&self) -> Vec<f64> {
        let count = self.scales.len();
        let mut prices: Vec<f64> =
            (0..count).map(|i| if i < self.free { 1.0 / self.free as f64 } else { 0.0 }).collect();
        let mut values = Vec::new();
        // One budget after the other, each as if the others' prices stood.
        for _ in 0..if count == self.free + 1 { 1 } else { 2 } {
            for budget in self.free..count {
                prices[budget] = self.balanced(&prices, budget, &mut values);
            }
        }
        if count > 2 || self.free > 1 {
            prices = self.climbed(prices, &mut values);
        }
        let common = self.scales.first().copied().unwrap_or(1.0);
        prices.iter().zip(&self.scales).map(|(price, scale)| price * common / scale).collect()
    }

    /// The price of a budget at which the cheapest choice neither exceeds it nor leaves anything of it, by bisection: the excess
    /// falls with the price.
    fn balanced(&self, prices: &[f64], budget: usize, values: &mut Vec<f64>) -> f64 {
        let mut prices = prices.to_vec();
        let mut exceeds = |price: f64| {
            prices[budget] = price;
            self.bound(&prices, values);
            values[budget] > 0.0
        };
        if !exceeds(0.0) {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, 1e-6);
        while high < 1e15 && exceeds(high) {
            low = high;
            high *= 8.0;
        }
        for _ in 0..16 {
            let middle = (low + high) / 2.0;
            if exceeds(middle) { low = middle } else { high = middle }
        }
        high
    }

    /// A walk along the slope, in steps that get smaller; the best prices on the way.
    fn climbed(&self, start: Vec<f64>, values: &mut Vec<f64>) -> Vec<f64> {
        let mut best = (self.bound(&start, values), start.clone());
        let mut prices = start;
        let mut step = 0.25 * prices.iter().fold(0.01, |sum: f64, price| sum.max(*price));
        for round in 0..90 {
            let length = values.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
            if length < 1e-12 {
                break;
            }
            for (price, slope) in prices.iter_mut().zip(values.iter()) {
                *price = (*price + step * slope / length).max(0.0);
            }
            let sum: f64 = prices[..self.free].iter().sum();
            for price in &mut prices[..self.free] {
                *price = if sum > 1e-9 { *price / sum } else { 1.0 / self.free as f64 };
            }
            let bound = self.bound(&prices, values);
            if bound > best.0 {
                best = (bound, prices.clone());
            } else if round % 6 == 5 {
                step /= 2.0;
                prices.clone_from(&best.1);
                self.bound(&prices, values);
            }
        }
        best.1
    }
}
