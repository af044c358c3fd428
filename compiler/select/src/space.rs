//! A problem made ready for searching: traits are looked up once, licences are decided once, terms refer to leaves by number.

use crate::license;
use crate::problem::{Check, Goal, Key, Op, Problem, Term};
use crate::range::Range;
use std::collections::{BTreeMap, BTreeSet};

/// A term whose traits are leaves of the [`Space`].
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Number(f64),
    Leaf(usize),
    Add(Box<Expr>, Box<Expr>),
    Sub(Box<Expr>, Box<Expr>),
    Mul(Box<Expr>, Box<Expr>),
    Div(Box<Expr>, Box<Expr>),
    Sum(Vec<Expr>),
    Max(Vec<Expr>),
    Negated(Box<Expr>),
}

/// One trait of one slot.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub slot: usize,
    /// By candidate.
    pub values: Vec<Option<f64>>,
}

#[derive(Debug)]
pub(crate) enum Test {
    Compare {
        left: Expr,
        op: Op,
        right: Expr,
    },
    /// By candidate of the slot.
    License(Vec<bool>),
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub test: Test,
    /// The slots it depends on; all exist.
    pub slots: BTreeSet<usize>,
}

#[derive(Debug)]
pub(crate) struct Space {
    /// The number of candidates of each slot.
    pub counts: Vec<usize>,
    /// Each candidate's place among its slot's names in byte order.
    pub ranks: Vec<Vec<usize>>,
    pub leaves: Vec<Leaf>,
    /// The leaves of each slot.
    pub leaves_of: Vec<Vec<usize>>,
    pub rules: Vec<Rule>,
    /// All to be minimized; the total size, which breaks ties, comes last.
    pub goals: Vec<Expr>,
}

impl Space {
    pub fn new(problem: &Problem) -> Space {
        let mut builder = Builder { problem, numbers: BTreeMap::new(), leaves: Vec::new() };
        let rules = problem.requirements.iter().map(|r| builder.rule(&r.check)).collect();
        let mut goals: Vec<Expr> = problem
            .objective
            .iter()
            .map(|objective| match &objective.goal {
                Goal::Minimize(term) => builder.expr(term),
                Goal::Maximize(term) => Expr::Negated(Box::new(builder.expr(term))),
            })
            .collect();
        let size = Key { path: "size".into(), dataset: None };
        goals.push(Expr::Sum((0..problem.slots.len()).map(|slot| builder.leaf(slot, &size)).collect()));
        let leaves = builder.leaves;
        let leaves_of = (0..problem.slots.len())
            .map(|slot| (0..leaves.len()).filter(|leaf| leaves[*leaf].slot == slot).collect())
            .collect();
        Space {
            counts: problem.slots.iter().map(|slot| slot.candidates.len()).collect(),
            ranks: problem.slots.iter().map(|slot| ranks(slot.candidates.iter().map(|c| c.name.as_str()))).collect(),
            leaves,
            leaves_of,
            rules,
            goals,
        }
    }

    /// All candidates of all slots.
    pub fn everything(&self) -> Vec<Vec<usize>> {
        self.counts.iter().map(|count| (0..*count).collect()).collect()
    }
}

impl Expr {
    /// The values the term can take, given those of the leaves.
    pub fn range(&self, leaves: &[Range]) -> Range {
        match self {
            Expr::Number(value) => Range::point(*value),
            Expr::Leaf(leaf) => leaves.get(*leaf).copied().unwrap_or(Range::UNKNOWN),
            Expr::Add(a, b) => a.range(leaves).add(b.range(leaves)),
            Expr::Sub(a, b) => a.range(leaves).sub(b.range(leaves)),
            Expr::Mul(a, b) => a.range(leaves).mul(b.range(leaves)),
            Expr::Div(a, b) => a.range(leaves).div(b.range(leaves)),
            Expr::Sum(terms) => terms.iter().map(|t| t.range(leaves)).fold(Range::point(0.0), Range::add),
            Expr::Max(terms) => terms.iter().map(|t| t.range(leaves)).reduce(Range::max).unwrap_or(Range::UNKNOWN),
            Expr::Negated(term) => term.range(leaves).negated(),
        }
    }

    pub fn is_constant(&self) -> bool {
        match self {
            Expr::Number(_) => true,
            Expr::Leaf(_) => false,
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Div(a, b) => a.is_constant() && b.is_constant(),
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().all(Expr::is_constant),
            Expr::Negated(term) => term.is_constant(),
        }
    }

    /// The slots it depends on.
    pub fn slots(&self, leaves: &[Leaf], into: &mut BTreeSet<usize>) {
        match self {
            Expr::Number(_) => {}
            Expr::Leaf(leaf) => into.extend(leaves.get(*leaf).map(|leaf| leaf.slot)),
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Div(a, b) => {
                a.slots(leaves, into);
                b.slots(leaves, into);
            }
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().for_each(|term| term.slots(leaves, into)),
            Expr::Negated(term) => term.slots(leaves, into),
        }
    }
}

struct Builder<'a> {
    problem: &'a Problem,
    numbers: BTreeMap<(usize, Key), usize>,
    leaves: Vec<Leaf>,
}

impl Builder<'_> {
    fn leaf(&mut self, slot: usize, key: &Key) -> Expr {
        // A slot that does not exist has only unknown traits.
        let Some(of) = self.problem.slots.get(slot) else { return Expr::Number(f64::NAN) };
        let leaves = &mut self.leaves;
        let number = *self.numbers.entry((slot, key.clone())).or_insert_with(|| {
            let values = of.candidates.iter().map(|c| c.traits.get(key).map(|e| e.value).filter(|v| v.is_finite()));
            leaves.push(Leaf { slot, values: values.collect() });
            leaves.len() - 1
        });
        Expr::Leaf(number)
    }

    fn boxed(&mut self, term: &Term) -> Box<Expr> {
        Box::new(self.expr(term))
    }

    fn expr(&mut self, term: &Term) -> Expr {
        match term {
            Term::Number(value) => Expr::Number(*value),
            Term::Trait { slot, key } => self.leaf(*slot, key),
            Term::Add(a, b) => Expr::Add(self.boxed(a), self.boxed(b)),
            Term::Sub(a, b) => Expr::Sub(self.boxed(a), self.boxed(b)),
            Term::Mul(a, b) => Expr::Mul(self.boxed(a), self.boxed(b)),
            Term::Div(a, b) => Expr::Div(self.boxed(a), self.boxed(b)),
            Term::Sum(terms) => Expr::Sum(terms.iter().map(|t| self.expr(t)).collect()),
            Term::Max(terms) => Expr::Max(terms.iter().map(|t| self.expr(t)).collect()),
        }
    }

    fn rule(&mut self, check: &Check) -> Rule {
        match check {
            Check::Compare { left, op, right } => {
                let (left, right) = (self.expr(left), self.expr(right));
                let mut slots = BTreeSet::new();
                left.slots(&self.leaves, &mut slots);
                right.slots(&self.leaves, &mut slots);
                Rule { test: Test::Compare { left, op: *op, right }, slots }
            }
            Check::License { slot, allowed } => {
                let candidates = self.problem.slots.get(*slot).map_or(&[][..], |slot| &slot.candidates);
                let allows = license::Allowed::new(allowed);
                let passes = candidates.iter().map(|c| c.license.as_deref().is_some_and(|text| allows.satisfies(text)));
                let slots = (*slot < self.problem.slots.len()).then_some(*slot);
                Rule { test: Test::License(passes.collect()), slots: slots.into_iter().collect() }
            }
        }
    }
}

/// Each name's place in byte order; equal names in their own order.
fn ranks<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let names: Vec<&str> = names.collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|i| (names[*i], *i));
    let mut ranks = vec![0; names.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = rank;
    }
    ranks
}
