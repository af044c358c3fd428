//! Leaves out candidates that another of the same slot makes useless: one that is at least as good in every trait that goals and
//! shared requirements use, whatever the other slots hold, and is taken before it where all goals are equal.

use crate::linear::Separable;
use crate::problem::Op;
use crate::range::Range;
use crate::space::{Expr, Space, Test};
use std::cmp::Ordering;

/// In which direction a trait is better; none where it does not matter.
#[derive(Debug, Clone, Copy, Default)]
struct Better {
    lower: bool,
    higher: bool,
}

/// The candidates that no other makes useless.
pub(crate) fn undominated(space: &Space, domains: &[Vec<usize>], rules: &[usize], goals: &[Expr]) -> Vec<Vec<usize>> {
    let hull: Vec<Range> = space.leaves.iter().map(|leaf| leaf.hull(&domains[leaf.slot])).collect();
    let mut walk =
        Walk { known: hull.iter().map(|range| Range { unknown: false, ..*range }).collect(), better: Vec::new() };
    walk.better.resize(space.leaves.len(), Better::default());
    for goal in goals {
        walk.term(goal, true);
    }
    for rule in rules {
        if let Test::Compare { left, op, right } = &space.rules[*rule].test {
            // What must be equal or unequal is better in both directions, that is in none.
            let (lower, higher) = match op {
                Op::Le | Op::Lt => (true, false),
                Op::Ge | Op::Gt => (false, true),
                Op::Eq | Op::Ne => (true, true),
            };
            for (asked, lower) in [(lower, true), (higher, false)] {
                if asked {
                    walk.term(left, lower);
                    walk.term(right, !lower);
                }
            }
        }
    }
    let strict: Vec<Separable> = goals
        .iter()
        .filter(|goal| !goal.range(&hull).unknown)
        .flat_map(|goal| Separable::below(space, &[(goal, 1.0)]))
        .filter(|sum| sum.exact)
        .collect();
    domains.iter().enumerate().map(|(slot, domain)| front(space, slot, domain, &walk.better, &strict)).collect()
}

/// A candidate with what it is compared by.
struct Row {
    candidate: usize,
    rank: usize,
    /// Smaller is better, infinite is unknown.
    values: Vec<f64>,
    /// Traits that another must have equal.
    fixed: Vec<Option<f64>>,
}

fn front(space: &Space, slot: usize, domain: &[usize], better: &[Better], strict: &[Separable]) -> Vec<usize> {
    let of = |wanted: &dyn Fn(Better) -> Option<f64>| -> Vec<(usize, f64)> {
        space.leaves_of[slot].iter().filter_map(|leaf| Some((*leaf, wanted(better[*leaf])?))).collect()
    };
    let ordered = of(&|better| match (better.lower, better.higher) {
        (true, false) => Some(1.0),
        (false, true) => Some(-1.0),
        _ => None,
    });
    let fixed = of(&|better| (better.lower && better.higher).then_some(1.0));
    let row = |candidate: &usize| {
        let value = |leaf: usize| space.leaves[leaf].values[*candidate];
        Row {
            candidate: *candidate,
            rank: space.ranks[slot][*candidate],
            values: ordered.iter().map(|(leaf, sign)| value(*leaf).map_or(f64::INFINITY, |v| v * sign + 0.0)).collect(),
            fixed: fixed.iter().map(|(leaf, _)| value(*leaf)).collect(),
        }
    };
    let mut rows: Vec<Row> = domain.iter().map(row).collect();
    // Whatever makes a candidate useless stands before it.
    let order = |a: &Row, b: &Row| {
        let values = a.values.iter().zip(&b.values).map(|(a, b)| a.total_cmp(b));
        values.fold(Ordering::Equal, Ordering::then).then(a.rank.cmp(&b.rank))
    };
    rows.sort_by(order);
    let taken_before = |a: &Row, b: &Row| {
        let is_less = |sum: &Separable| {
            let (a, b) = (sum.parts[slot][a.candidate], sum.parts[slot][b.candidate]);
            b - a > 1e-9 * sum.magnitude
        };
        a.rank < b.rank || strict.iter().any(is_less)
    };
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        let useless = |other: &Row| {
            other.values.iter().zip(&row.values).all(|(a, b)| a <= b)
                && other.fixed == row.fixed
                && taken_before(other, &row)
        };
        if !kept.iter().any(useless) {
            kept.push(row);
        }
    }
    let mut candidates: Vec<usize> = kept.into_iter().map(|row| row.candidate).collect();
    candidates.sort_unstable();
    candidates
}

/// Finds in which direction each trait is better.
struct Walk {
    /// The values that each leaf can have, as if all were known.
    known: Vec<Range>,
    better: Vec<Better>,
}

impl Walk {
    /// `lower`: whether a smaller value of the term is better.
    fn term(&mut self, term: &Expr, lower: bool) {
        match term {
            Expr::Number(_) | Expr::Setting(_) => {}
            Expr::Leaf(leaf) => {
                if let Some(better) = self.better.get_mut(*leaf) {
                    better.lower |= lower;
                    better.higher |= !lower;
                }
            }
            // Where a value can be too large to be a number, more can be worse in either direction.
            _ if term.range(&self.known).unknown => self.both(term),
            Expr::Add(a, b) => {
                self.term(a, lower);
                self.term(b, lower);
            }
            Expr::Sub(a, b) => {
                self.term(a, lower);
                self.term(b, !lower);
            }
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().for_each(|term| self.term(term, lower)),
            Expr::Negated(term) => self.term(term, !lower),
            Expr::Ceil(term, _) | Expr::AtLeast(term, _) => self.term(term, lower),
            Expr::Mul(a, b) => {
                let (of_a, of_b) = (a.range(&self.known), b.range(&self.known));
                self.signed(a, of_b, lower);
                self.signed(b, of_a, lower);
            }
            Expr::Div(a, b) => {
                let (of_a, of_b) = (a.range(&self.known), b.range(&self.known));
                self.signed(a, of_b, lower);
                self.signed(b, of_a, !lower);
            }
        }
    }

    /// A factor, whose direction depends on the other factor's sign.
    fn signed(&mut self, term: &Expr, other: Range, lower: bool) {
        if other.lo >= 0.0 {
            self.term(term, lower);
        } else if other.hi <= 0.0 {
            self.term(term, !lower);
        } else {
            self.both(term);
        }
    }

    fn both(&mut self, term: &Expr) {
        match term {
            Expr::Number(_) | Expr::Setting(_) => {}
            Expr::Leaf(leaf) => {
                if let Some(better) = self.better.get_mut(*leaf) {
                    *better = Better { lower: true, higher: true };
                }
            }
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Div(a, b) => {
                self.both(a);
                self.both(b);
            }
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().for_each(|term| self.both(term)),
            Expr::Negated(term) | Expr::Ceil(term, _) | Expr::AtLeast(term, _) => self.both(term),
        }
    }
}
