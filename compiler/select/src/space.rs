//! A problem made ready for searching: traits are looked up once, licences are decided once, terms refer to leaves by number.

use crate::license;
use crate::problem::{Candidate, Check, Goal, Key, Op, Problem, Term};
use crate::range::Range;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A term whose traits are leaves of the [`Space`].
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Number(f64),
    /// A number that another setting may have otherwise.
    Setting(f64),
    Leaf(usize),
    Add(Box<Expr>, Box<Expr>),
    Sub(Box<Expr>, Box<Expr>),
    Mul(Box<Expr>, Box<Expr>),
    Div(Box<Expr>, Box<Expr>),
    Sum(Vec<Expr>),
    Max(Vec<Expr>),
    Negated(Box<Expr>),
    /// Rounded up to a multiple.
    Ceil(Box<Expr>, f64),
    /// A term whose value is known to be at least that of the leaf with this number, which belongs to no slot.
    AtLeast(Box<Expr>, usize),
}

/// One trait of one slot.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub slot: usize,
    /// By candidate; what does not depend on the setting is shared by all spaces.
    pub values: Rc<[Option<f64>]>,
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

/// The choices of models under one setting.
#[derive(Debug)]
pub(crate) struct Space {
    /// Nothing where the problem has no settings.
    pub setting: Option<usize>,
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
    /// One for each setting; one, where there are none.
    pub fn all(problem: &Problem) -> Vec<Space> {
        let mut shared = BTreeMap::new();
        match problem.settings.len() {
            0 => vec![Space::new(problem, None, &mut shared)],
            count => (0..count).map(|setting| Space::new(problem, Some(setting), &mut shared)).collect(),
        }
    }

    fn new(problem: &Problem, setting: Option<usize>, shared: &mut Shared) -> Space {
        let mut builder = Builder { problem, setting, shared, numbers: BTreeMap::new(), leaves: Vec::new() };
        let rules = problem.requirements.iter().map(|r| builder.rule(&r.check)).collect();
        let mut goals: Vec<Expr> = problem
            .objective
            .iter()
            .map(|objective| match &objective.goal {
                Goal::Minimize(term) => builder.expr(term),
                Goal::Maximize(term) => Expr::Negated(Box::new(builder.expr(term))),
            })
            .collect();
        let size = Key::new("size", None);
        goals.push(Expr::Sum((0..problem.slots.len()).map(|slot| builder.leaf(slot, &size)).collect()));
        let leaves = builder.leaves;
        let leaves_of = (0..problem.slots.len())
            .map(|slot| (0..leaves.len()).filter(|leaf| leaves[*leaf].slot == slot).collect())
            .collect();
        Space {
            setting,
            counts: problem.slots.iter().map(|slot| slot.candidates.len()).collect(),
            ranks: problem.slots.iter().map(|slot| ranks(slot.candidates.iter().map(|c| c.name.as_str()))).collect(),
            leaves,
            leaves_of,
            rules,
            goals,
        }
    }

    /// The value of a term for a choice.
    pub fn value(&self, term: &Expr, choice: &[usize]) -> Option<f64> {
        let of = |leaf: &Leaf| leaf.values.get(*choice.get(leaf.slot)?).copied().flatten();
        let leaves: Vec<Range> = self.leaves.iter().map(|leaf| Range::of(of(leaf))).collect();
        term.range(&leaves).value()
    }

    /// All candidates of all slots.
    pub fn everything(&self) -> Vec<Vec<usize>> {
        self.counts.iter().map(|count| (0..*count).collect()).collect()
    }
}

impl Leaf {
    /// The values of these candidates.
    pub fn hull(&self, domain: &[usize]) -> Range {
        let values = domain.iter().map(|candidate| Range::of(self.values.get(*candidate).copied().flatten()));
        values.fold(Range::NEVER, Range::union)
    }
}

impl Expr {
    /// The values the term can take, given those of the leaves.
    pub fn range(&self, leaves: &[Range]) -> Range {
        match self {
            Expr::Number(value) | Expr::Setting(value) => Range::point(*value),
            Expr::Leaf(leaf) => leaves.get(*leaf).copied().unwrap_or(Range::UNKNOWN),
            Expr::Add(a, b) => a.range(leaves).add(b.range(leaves)),
            Expr::Sub(a, b) => a.range(leaves).sub(b.range(leaves)),
            Expr::Mul(a, b) => a.range(leaves).mul(b.range(leaves)),
            Expr::Div(a, b) => a.range(leaves).div(b.range(leaves)),
            Expr::Sum(terms) => terms.iter().map(|t| t.range(leaves)).fold(Range::point(0.0), Range::add),
            Expr::Max(terms) => terms.iter().map(|t| t.range(leaves)).reduce(Range::max).unwrap_or(Range::UNKNOWN),
            Expr::Negated(term) => term.range(leaves).negated(),
            Expr::Ceil(term, step) => term.range(leaves).ceil(*step),
            Expr::AtLeast(term, leaf) => match leaves.get(*leaf) {
                Some(floor) if floor.known => term.range(leaves).raised(floor.lo),
                _ => term.range(leaves),
            },
        }
    }

    pub fn is_constant(&self) -> bool {
        match self {
            Expr::Number(_) => true,
            Expr::Setting(_) | Expr::Leaf(_) => false,
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Div(a, b) => a.is_constant() && b.is_constant(),
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().all(Expr::is_constant),
            Expr::Negated(term) | Expr::Ceil(term, _) | Expr::AtLeast(term, _) => term.is_constant(),
        }
    }

    /// The slots it depends on.
    pub fn slots(&self, leaves: &[Leaf], into: &mut BTreeSet<usize>) {
        match self {
            Expr::Number(_) | Expr::Setting(_) => {}
            Expr::Leaf(leaf) => into.extend(leaves.get(*leaf).map(|leaf| leaf.slot)),
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Div(a, b) => {
                a.slots(leaves, into);
                b.slots(leaves, into);
            }
            Expr::Sum(terms) | Expr::Max(terms) => terms.iter().for_each(|term| term.slots(leaves, into)),
            Expr::Negated(term) | Expr::Ceil(term, _) | Expr::AtLeast(term, _) => term.slots(leaves, into),
        }
    }
}

/// The values that are the same under all settings, once they were looked up.
type Shared = BTreeMap<(usize, Key), Rc<[Option<f64>]>>;

struct Builder<'a> {
    problem: &'a Problem,
    setting: Option<usize>,
    shared: &'a mut Shared,
    numbers: BTreeMap<(usize, Key), usize>,
    leaves: Vec<Leaf>,
}

impl Builder<'_> {
    fn leaf(&mut self, slot: usize, key: &Key) -> Expr {
        // A slot that does not exist has only unknown traits.
        let Some(of) = self.problem.slots.get(slot) else { return Expr::Number(f64::NAN) };
        let id = (slot, key.clone());
        if let Some(known) = self.numbers.get(&id) {
            return Expr::Leaf(*known);
        }
        let look = |candidate: &Candidate| {
            candidate.evidence(key, self.setting).map(|evidence| evidence.value).filter(|value| value.is_finite())
        };
        let look_up = || of.candidates.iter().map(look).collect::<Rc<[_]>>();
        let values = match self.shared.get(&id) {
            Some(values) => Rc::clone(values),
            None if of.candidates.iter().any(|candidate| candidate.by_setting.contains_key(key)) => look_up(),
            None => Rc::clone(self.shared.entry(id.clone()).or_insert(look_up())),
        };
        self.leaves.push(Leaf { slot, values });
        self.numbers.insert(id, self.leaves.len() - 1);
        Expr::Leaf(self.leaves.len() - 1)
    }

    fn boxed(&mut self, term: &Term) -> Box<Expr> {
        Box::new(self.expr(term))
    }

    fn expr(&mut self, term: &Term) -> Expr {
        match term {
            Term::Number(value) => Expr::Number(*value),
            Term::Trait { slot, key } => self.leaf(*slot, key),
            Term::Setting(numbers) => {
                Expr::Setting(self.setting.and_then(|setting| numbers.get(setting)).copied().unwrap_or(f64::NAN))
            }
            Term::Ceil { term, step } => Expr::Ceil(self.boxed(term), *step),
            Term::Named { term, .. } => self.expr(term),
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
