//! Requirements and objectives: terms over traits, checked for their quantities.

mod at_request;
mod confidence;
mod objective;
mod term;

pub use at_request::at_request;
pub use confidence::share;
pub use objective::objective;

use crate::cx::{At, Cx};
use crate::hir::{Check, Requirement, SlotOf};
use crate::names::DefId;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{self, RequireKind};
use term::{agree, dataset_of, is_constant, one_data_set, shown_unit, term, whose};

/// Whose traits are meant where no slot is named.
#[derive(Clone)]
pub struct Subject {
    pub at: At,
    /// The slot itself, or the program of a `deploy`.
    pub slot: SlotOf,
    /// The slots a `deploy` reaches; with exactly one, a bare metric is that slot's.
    pub reach: Vec<DefId>,
    /// Whether models are ranked rather than filtered.
    pub ranks: bool,
}

pub fn requirement(cx: &mut Cx, subject: &Subject, require: &ast::Require) -> Option<Requirement> {
    let loc = cx.loc(subject.at, require.span);
    let text = text_of(cx, subject.at, require.span);
    match &require.kind {
        RequireKind::License { path, allowed } => {
            let (slot, name) = whose(cx, subject, path)?;
            if name != "license" {
                let loc = cx.loc(subject.at, path.span);
                let message = format!("`{name}` cannot be compared with licences");
                cx.report(Diagnostic::error(Code::UnknownTrait, message).at(loc, "only `license` can"));
                return None;
            }
            let ok = allowed.iter().all(|spdx| license(cx, subject.at, spdx) && single(cx, subject.at, spdx));
            let ok = confidence::none_of_a_license(cx, subject.at, require) && ok;
            let allowed = allowed.iter().map(|s| s.text.clone()).collect();
            let check = Check::License { slot, allowed };
            let unit = (String::new(), Decimal::ONE);
            ok.then_some(Requirement { text, loc, bound: None, check, unit, claimed: false, confidence: None })
        }
        RequireKind::Compare { left, op, right } => {
            let shared = dataset_of(left).or(dataset_of(right)).cloned();
            let left = term(cx, subject, left, shared.as_ref());
            let right = term(cx, subject, right, shared.as_ref());
            let (left, right) = (left?, right?);
            let (left, right) = agree(cx, subject, left, right)?;
            one_data_set(cx, loc, &left.term, &right.term)?;
            if is_constant(&left.term) && is_constant(&right.term) {
                cx.report(
                    Diagnostic::error(Code::BadSetting, "a requirement speaks of a trait")
                        .at(loc, "always the same, whichever model is chosen"),
                );
                return None;
            }
            let unit = shown_unit(cx, subject, &left, &right);
            let bound = right.literal.as_ref().map(|q| cx.loc(subject.at, q.span));
            let confidence = match &require.confidence {
                Some(confidence) => {
                    Some(confidence::level(cx, subject.at, confidence, (&left.term, *op, &right.term))?)
                }
                None => None,
            };
            let check = Check::Compare { left: left.term, op: *op, right: right.term };
            Some(Requirement { text, loc, bound, check, unit, claimed: require.claimed.is_some(), confidence })
        }
    }
}

/// The source of a requirement without its keyword, white space folded.
fn text_of(cx: &Cx, at: At, span: Span) -> String {
    let module = &cx.modules[at.module];
    let loc = module.loc(at.item, span);
    let source = cx.source(loc.file);
    let text = source.get(loc.span.start as usize..loc.span.end as usize).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ["require ", "budget "].iter().find_map(|k| text.strip_prefix(k)).unwrap_or(&text).to_string()
}

/// Reports a licence that is no SPDX expression.
pub fn license(cx: &mut Cx, at: At, spdx: &ast::Spdx) -> bool {
    match spdx::Expression::parse(&spdx.text) {
        Ok(_) => true,
        Err(error) => {
            let loc = cx.loc(at, spdx.span);
            let mut diagnostic =
                Diagnostic::error(Code::BadLicense, format!("`{}` is no SPDX licence expression", spdx.text))
                    .at(loc, error.reason.to_string());
            let known = spdx::identifiers::LICENSES.iter().map(|l| l.name);
            diagnostic = match suggest::nearest(&spdx.text, known) {
                Some(near) => {
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near)
                }
                None => diagnostic.help("as `MIT`, `Apache-2.0` or `MIT OR Apache-2.0`; see spdx.org/licenses"),
            };
            cx.report(diagnostic);
            false
        }
    }
}

/// A list names licences one by one: a card's expression holds if they satisfy it.
fn single(cx: &mut Cx, at: At, spdx: &ast::Spdx) -> bool {
    let many = spdx::Expression::parse(&spdx.text).is_ok_and(|e| e.requirements().count() > 1);
    if many {
        let loc = cx.loc(at, spdx.span);
        cx.report(
            Diagnostic::error(Code::BadLicense, format!("`{}` is more than one licence", spdx.text))
                .at(loc, "in a list of licences")
                .help("write them one by one: `license in [MIT, Apache-2.0]`"),
        );
    }
    !many
}
