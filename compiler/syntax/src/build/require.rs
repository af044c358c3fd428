//! Requirements, objectives and quantities.

use super::types::find;
use super::{Builder, P, name, path, span};
use crate::ast::{
    AtRequest, Compare, Confidence, Objective, ObjectiveKind, Quantity, Require, RequireKind, Spdx, Term, TermOp,
    TraitRef, UnitExpr,
};
use crate::errors::shown;
use crate::grammar::Rule;
use mu_base::decimal::Decimal;
use mu_base::{Code, Span};

impl Builder<'_> {
    /// `require ...` and `budget ...`
    pub(super) fn require(&mut self, pair: P<'_>) -> Option<Require> {
        let whole = span(&pair);
        let mut kids = pair.into_inner().skip(1);
        let first = kids.next()?;
        let kind = match first.as_rule() {
            Rule::license_rule => self.license_rule(first)?,
            _ => {
                let left = self.term(first)?;
                let op = match kids.next()?.as_str() {
                    "<" => Compare::Lt,
                    "<=" => Compare::Le,
                    ">" => Compare::Gt,
                    ">=" => Compare::Ge,
                    "==" => Compare::Eq,
                    _ => Compare::Ne,
                };
                RequireKind::Compare { left, op, right: self.term(kids.next()?)? }
            }
        };
        let mut require = Require { kind, claimed: None, confidence: None, span: whole };
        for kid in kids {
            match kid.as_rule() {
                Rule::as_claimed => require.claimed = Some(span(&kid)),
                Rule::confidence => {
                    let span = span(&kid);
                    let level = self.quantity(find(kid, Rule::quantity)?)?;
                    require.confidence = Some(Confidence { level, span });
                }
                _ => {}
            }
        }
        Some(require)
    }

    fn license_rule(&mut self, pair: P<'_>) -> Option<RequireKind> {
        let mut named = None;
        let mut allowed = Vec::new();
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::license_path => named = Some(TraitRef { path: path(&kid), dataset: None, span: span(&kid) }),
                Rule::spdx => allowed.push(spdx(&kid)),
                _ => {}
            }
        }
        Some(RequireKind::License { path: named?, allowed })
    }

    pub(super) fn objective(&mut self, pair: P<'_>) -> Option<Objective> {
        let whole = span(&pair);
        let rule = pair.as_rule();
        let (terms, claimed) = self.ranked(pair)?;
        let kind = match rule {
            Rule::minimize => ObjectiveKind::Minimize(terms),
            Rule::maximize => ObjectiveKind::Maximize(terms),
            _ => ObjectiveKind::Prefer(terms),
        };
        Some(Objective { kind, claimed, span: whole })
    }

    /// `select at request by ...`
    pub(super) fn at_request(&mut self, pair: P<'_>) -> Option<AtRequest> {
        let whole = span(&pair);
        let (terms, claimed) = self.ranked(pair)?;
        Some(AtRequest { terms, claimed, span: whole })
    }

    /// The terms of an entry that ranks models, and whether `as claimed` follows them.
    fn ranked(&mut self, pair: P<'_>) -> Option<(Vec<Term>, bool)> {
        let (mut terms, mut claimed) = (Vec::new(), false);
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::term => terms.push(self.term(kid)?),
                Rule::as_claimed => claimed = true,
                _ => {}
            }
        }
        Some((terms, claimed))
    }

    /// A flat list of terms and operators: `*` and `/` first, left to right.
    fn term(&mut self, pair: P<'_>) -> Option<Term> {
        self.nest(|this| {
            let whole = span(&pair);
            let mut sum: Option<(TermOp, Term)> = None;
            let mut product: Option<Term> = None;
            let mut op = TermOp::Mul;
            for kid in pair.into_inner() {
                let atom = match kid.as_rule() {
                    Rule::term_op => {
                        op = match kid.as_str() {
                            "+" => TermOp::Add,
                            "-" => TermOp::Sub,
                            "*" => TermOp::Mul,
                            _ => TermOp::Div,
                        };
                        if !this.grow(whole) {
                            return None;
                        }
                        continue;
                    }
                    Rule::quantity => Term::Quantity(this.quantity(kid)?),
                    Rule::trait_ref => Term::Trait(this.trait_ref(kid)?),
                    Rule::term => this.term(kid)?,
                    _ => continue,
                };
                product = Some(match (product.take(), op) {
                    (None, _) => atom,
                    (Some(left), TermOp::Mul | TermOp::Div) => join(op, left, atom),
                    (Some(left), TermOp::Add | TermOp::Sub) => {
                        sum = Some((op, add(sum.take(), left)));
                        atom
                    }
                });
            }
            Some(add(sum, product?))
        })
    }

    pub(super) fn trait_ref(&mut self, pair: P<'_>) -> Option<TraitRef> {
        let whole = span(&pair);
        let mut kids = pair.into_inner();
        let path = path(&kids.next()?);
        Some(TraitRef { path, dataset: kids.last().map(|dataset| name(&dataset)), span: whole })
    }

    /// `97%`, `2 USD per 1M requests`: what follows `per` divides value and unit.
    pub(super) fn quantity(&mut self, pair: P<'_>) -> Option<Quantity> {
        let whole = span(&pair);
        let mut kids = pair.into_inner();
        let mut value = self.amount(&kids.next()?);
        let mut unit = UnitExpr { terms: Vec::new(), span: Span { start: whole.end, end: whole.end } };
        for kid in kids {
            match kid.as_rule() {
                Rule::unit => unit = self.unit(&kid),
                Rule::per => {
                    let at = span(&kid);
                    let mut divisor = Decimal::ONE;
                    for part in kid.into_inner() {
                        match part.as_rule() {
                            Rule::amount => divisor = self.amount(&part),
                            Rule::unit => {
                                let below = self.unit(&part);
                                unit.terms.extend(below.terms.into_iter().map(|(name, exponent)| (name, -exponent)));
                                unit.span = if unit.span.start == unit.span.end {
                                    below.span
                                } else {
                                    unit.span.to(below.span)
                                };
                            }
                            _ => {}
                        }
                    }
                    value = value.checked_div(divisor).map(|value| value.normalize()).unwrap_or_else(|| {
                        self.error(Code::BadLiteral, "a quantity cannot be divided by 0", at, "0 here");
                        Decimal::ZERO
                    });
                }
                _ => {}
            }
        }
        Some(Quantity { value, unit, span: whole })
    }

    /// `-0.5`, `100k`
    fn amount(&mut self, pair: &P<'_>) -> Decimal {
        let literal = pair.as_str();
        let number = literal.trim_end_matches(['k', 'M', 'G']);
        let value = self.decimal(number, span(pair));
        let factor = match &literal[number.len()..] {
            "k" => 1_000u32,
            "M" => 1_000_000,
            "G" => 1_000_000_000,
            _ => 1,
        };
        value.checked_mul(Decimal::from(factor)).unwrap_or_else(|| {
            self.error(Code::BadLiteral, format!("`{}` is too large", shown(literal)), span(pair), "at most 28 digits");
            Decimal::ZERO
        })
    }

    /// `(n 2000)`
    pub(super) fn samples(&mut self, pair: P<'_>) -> Option<u64> {
        Some(self.whole(&find(pair, Rule::integer)?))
    }
}

pub(super) fn spdx(pair: &P<'_>) -> Spdx {
    Spdx { text: pair.as_str().trim_end().to_owned(), span: span(pair) }
}

fn join(op: TermOp, left: Term, right: Term) -> Term {
    Term::Binary { op, left: Box::new(left), right: Box::new(right) }
}

fn add(sum: Option<(TermOp, Term)>, term: Term) -> Term {
    match sum {
        Some((op, left)) => join(op, left, term),
        None => term,
    }
}
