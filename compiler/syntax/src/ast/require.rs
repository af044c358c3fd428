//! Requirements, objectives and the quantities in them.

use super::{Name, UnitExpr};
use mu_base::Span;
use mu_base::decimal::Decimal;

/// `MIT OR Apache-2.0`, as written, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spdx {
    pub text: String,
    pub span: Span,
}

/// `top1`, `latency.p95`, `reader.top1 on mnist_holdout`. Whether the first name is a slot is decided by the checker.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitRef {
    pub path: Vec<Name>,
    pub dataset: Option<Name>,
    pub span: Span,
}

/// `97%`, `5 ms`, `2 USD per 1M requests`, `100k`; `unit` is empty for a plain number. Suffixes k, M and G of the number
/// are resolved; what follows `per` divides.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub value: Decimal,
    pub unit: UnitExpr,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Require {
    pub kind: RequireKind,
    /// `as claimed`, and where it stands: claims of the cards count where nothing was measured.
    pub claimed: Option<Span>,
    /// `with confidence 95%`
    pub confidence: Option<Confidence>,
    pub span: Span,
}

/// How sure it must be that a metric meets its bound; the checker holds that it is a share.
#[derive(Debug, Clone, PartialEq)]
pub struct Confidence {
    pub level: Quantity,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RequireKind {
    /// `require top1 on D >= 97%`, `require backup.top1 > reader.top1 + 1%`
    Compare { left: Term, op: Compare, right: Term },
    /// `require license in [MIT, Apache-2.0]`, `require license == MIT`
    License { path: TraitRef, allowed: Vec<Spdx> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

/// A side of a requirement: `left` associative.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Trait(TraitRef),
    Quantity(Quantity),
    Binary { op: TermOp, left: Box<Term>, right: Box<Term> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermOp {
    Add,
    Sub,
    Mul,
    Div,
}

/// One line of an objective. `then` gives several in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    pub kind: ObjectiveKind,
    /// Whether `as claimed` stands at its end.
    pub claimed: bool,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ObjectiveKind {
    /// `minimize cost, then latency.p95`; `minimize reader.size + backup.size`
    Minimize(Vec<Term>),
    /// `maximize reader.top1 on D`
    Maximize(Vec<Term>),
    /// `prefer latency.p95 / 10 ms, top1 / 1%`: the sum of the terms, each in its direction
    Prefer(Vec<Term>),
}

/// `select at request by latency.p95 / 10 ms, top1 / 1%`: each request brings weights for the terms.
#[derive(Debug, Clone, PartialEq)]
pub struct AtRequest {
    pub terms: Vec<Term>,
    /// Whether `as claimed` stands at its end.
    pub claimed: bool,
    pub span: Span,
}
