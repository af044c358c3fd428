//! Objectives: goals in order, and preferences as one sum.

use super::term::{Measure, dataset_of, term};
use super::{Subject, text_of};
use crate::cx::Cx;
use crate::hir::{Goal, Term};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic};
use mu_syntax::ast::{self, Direction, ObjectiveKind, TermOp};

/// The goals of an objective, in order; smaller is better in each.
pub fn objective(cx: &mut Cx, subject: &Subject, list: &[ast::Objective]) -> Vec<Goal> {
    let subject = &Subject { ranks: true, ..subject.clone() };
    let mut goals = Vec::new();
    for objective in list {
        let loc = cx.loc(subject.at, objective.span);
        let text = text_of(cx, subject.at, objective.span);
        match &objective.kind {
            ObjectiveKind::Minimize(terms) | ObjectiveKind::Maximize(terms) => {
                let negate = matches!(objective.kind, ObjectiveKind::Maximize(_));
                for part in terms {
                    let Some(typed) = term(cx, subject, part, dataset_of(part)) else { continue };
                    let term = if negate { minus(typed.term) } else { typed.term };
                    goals.push(Goal { text: text.clone(), term, claimed: objective.claimed, loc });
                }
            }
            ObjectiveKind::Prefer(terms) => {
                let mut sum: Option<Term> = None;
                for part in terms {
                    let Some(scaled) = preference(cx, subject, part) else { continue };
                    sum = Some(match sum {
                        None => scaled,
                        Some(sum) => Term::Add(Box::new(sum), Box::new(scaled)),
                    });
                }
                if let Some(term) = sum {
                    goals.push(Goal { text, term, claimed: objective.claimed, loc });
                }
            }
        }
    }
    goals
}

fn minus(term: Term) -> Term {
    Term::Sub(Box::new(Term::Number(Decimal::ZERO)), Box::new(term))
}

/// One term of a `prefer` or of a choice at request time: a trait divided by a scale of its kind, counted in its direction.
pub(super) fn preference(cx: &mut Cx, subject: &Subject, part: &ast::Term) -> Option<Term> {
    let typed = term(cx, subject, part, dataset_of(part))?;
    let loc = cx.loc(subject.at, typed.span);
    let scale = match part {
        ast::Term::Binary { op: TermOp::Div, right, .. } => Some(right),
        _ => None,
    };
    if let Some(ast::Term::Quantity(scale)) = scale.map(|s| s.as_ref())
        && scale.value.is_zero()
    {
        cx.report(Diagnostic::error(Code::UnlikeTerms, "a scale of nothing").at(loc, "divided by zero here"));
        return None;
    }
    if typed.measure != Measure::Number || scale.is_none() {
        let help = match &typed.measure {
            Measure::Unit(_) if scale.is_some() => "the scale is of another kind than the trait",
            Measure::Ratio => "divide it by what counts as one step: `top1 / 1%`",
            _ => "divide it by what counts as one step: `latency.p95 / 10 ms`",
        };
        cx.report(
            Diagnostic::error(Code::UnlikeTerms, "a term of a preference needs a scale")
                .at(loc, "of no scale")
                .help(help),
        );
        return None;
    }
    match typed.direction {
        Some(Direction::Higher) => Some(minus(typed.term)),
        Some(Direction::Lower) => Some(typed.term),
        None => {
            cx.report(
                Diagnostic::error(Code::BadObjective, "a preference starts with a trait")
                    .at(loc, "no trait, so no direction"),
            );
            None
        }
    }
}
