//! What may stand after a requirement: `as claimed` and `with confidence 95%`.

use super::term::is_constant;
use crate::cx::{At, Cx};
use crate::hir::{Compare, Term};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span};
use mu_syntax::ast::{Confidence, Quantity, Require};

/// A share as it may be written, `95%` or `0.95`, at least 0; nothing where the quantity is another one.
pub fn share(quantity: &Quantity) -> Option<Decimal> {
    let share = match quantity.unit.terms.as_slice() {
        [] => quantity.value,
        [(name, 1)] if name.text == "%" => quantity.value.checked_mul(Decimal::new(1, 2))?.normalize(),
        _ => return None,
    };
    (share >= Decimal::ZERO).then_some(share)
}

/// How sure a requirement must be. It has a meaning for one metric against a constant bound, since only a metric is a figure
/// about samples.
pub(super) fn level(
    cx: &mut Cx,
    at: At,
    confidence: &Confidence,
    (left, op, right): (&Term, Compare, &Term),
) -> Option<Decimal> {
    let metric = |term: &Term| matches!(term, Term::Trait { dataset: Some(_), .. });
    let bounded = metric(left) && is_constant(right) || is_constant(left) && metric(right);
    if !bounded {
        let help = "one side is a metric, the other one a constant: `top1 on D >= 97% with confidence 95%`";
        return wrong(cx, at, confidence.span, "a confidence belongs to one metric and a constant bound", help);
    }
    if matches!(op, Compare::Eq | Compare::Ne) {
        return wrong(
            cx,
            at,
            confidence.span,
            "a confidence belongs to a bound",
            "compare with `>=`, `>`, `<=` or `<`",
        );
    }
    let half = Decimal::new(5, 1);
    match share(&confidence.level) {
        Some(share) if share >= half && share < Decimal::ONE => Some(share),
        _ => {
            let help = "as `with confidence 95%`: nothing measured is certain, and below one half a guess would do";
            wrong(cx, at, confidence.level.span, "a confidence is at least 50% and less than 100%", help)
        }
    }
}

/// Reports what a licence rule cannot have; whether there is nothing of it.
pub(super) fn none_of_a_license(cx: &mut Cx, at: At, require: &Require) -> bool {
    let help = "a card states its licence: remove it";
    let spans = [require.claimed, require.confidence.as_ref().map(|confidence| confidence.span)];
    for span in spans.into_iter().flatten() {
        wrong(cx, at, span, "a licence is neither claimed nor measured", help);
    }
    spans == [None, None]
}

fn wrong(cx: &mut Cx, at: At, span: Span, message: &str, help: &str) -> Option<Decimal> {
    let loc = cx.loc(at, span);
    cx.report(Diagnostic::error(Code::BadQualifier, message).at(loc, "has no meaning here").help(help));
    None
}
