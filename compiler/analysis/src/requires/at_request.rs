//! `select at request by ...`: what each request weighs to choose the model of a slot.

use super::objective::preference;
use super::{Subject, text_of};
use crate::cx::Cx;
use crate::hir::{self, SlotOf, Term, Weighed};
use crate::names::DefId;
use crate::ty::{Arg, SlotTy, Type};
use mu_base::{Code, Diagnostic, Loc};
use mu_syntax::ast;

/// More traits are not weighed in one choice.
const MOST: usize = 6;

/// The choice at request time of a slot, where it has one.
pub fn at_request(cx: &mut Cx, subject: &Subject, id: DefId, slot: &ast::Slot) -> Option<hir::AtRequest> {
    let choice = slot.at_request.as_ref()?;
    let loc = cx.loc(subject.at, choice.span);
    if let Some(objective) = slot.objective.first() {
        let other = cx.loc(subject.at, objective.span);
        let message = "a slot is chosen for once or at each request";
        let diagnostic = Diagnostic::error(Code::BadObjective, message).at(loc, "at each request by this");
        cx.report(diagnostic.because(other, "once by this").help("remove one of them"));
        return None;
    }
    if !(2..=MOST).contains(&choice.terms.len()) {
        let message = format!("a choice at request time weighs from two to {MOST} traits");
        let help = match choice.terms.len() {
            1 => "with one, the best model is always the same: write `minimize` or `maximize`",
            _ => "say with `require` what every model must meet",
        };
        let label = format!("{} of them", choice.terms.len());
        cx.report(Diagnostic::error(Code::BadObjective, message).at(loc, label).help(help));
        return None;
    }
    if cx.slots.get(&id).is_some_and(|slot| embeds(&slot.task.result)) {
        let message = "vectors of two models lie in two spaces, so one model serves all requests";
        let diagnostic = Diagnostic::error(Code::BadObjective, message).at(loc, "another model at each request");
        cx.report(diagnostic.help("choose once: `prefer latency.p95 / 10 ms, size / 1 MB`"));
        return None;
    }
    let subject = &Subject { ranks: true, ..subject.clone() };
    let terms: Vec<Option<Weighed>> = choice.terms.iter().map(|part| weighed(cx, subject, id, choice, part)).collect();
    let terms: Vec<Weighed> = terms.into_iter().collect::<Option<_>>()?;
    if let Some(twice) = (1..terms.len()).find(|i| terms[..*i].iter().any(|term| term.name == terms[*i].name)) {
        let message = format!("`{}` is weighed twice", terms[twice].name);
        cx.report(Diagnostic::error(Code::BadObjective, message).at(loc, "one weight is for one trait"));
        return None;
    }
    let text = text_of(cx, subject.at, choice.span);
    let text = text.strip_prefix("select at request by ").unwrap_or(&text).to_string();
    Some(hir::AtRequest { text, terms, claimed: choice.claimed, loc })
}

/// A trait of the slot over a scale, and what a request calls it.
fn weighed(cx: &mut Cx, subject: &Subject, id: DefId, choice: &ast::AtRequest, part: &ast::Term) -> Option<Weighed> {
    let term = preference(cx, subject, part)?;
    let ast::Term::Binary { left, .. } = part else { return None };
    let loc = |cx: &Cx, of: &ast::TraitRef| cx.loc(subject.at, of.span);
    let ast::Term::Trait(of) = &**left else {
        let loc = cx.loc(subject.at, choice.span);
        return wrong(cx, loc, "a request weighs single traits, each over its scale");
    };
    if !of_slot(&term, id) {
        let loc = loc(cx, of);
        return wrong(cx, loc, "a request weighs traits of the slot itself");
    }
    let path = |of: &ast::TraitRef| of.path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
    let same = |other: &ast::Term| match other {
        ast::Term::Binary { left, .. } => matches!(&**left, ast::Term::Trait(other) if path(other) == path(of)),
        _ => false,
    };
    let name = match &of.dataset {
        Some(set) if choice.terms.iter().filter(|other| same(other)).count() > 1 => {
            format!("{} on {}", path(of), set.text)
        }
        _ => path(of),
    };
    Some(Weighed { name, term })
}

fn wrong(cx: &mut Cx, loc: Loc, message: &str) -> Option<Weighed> {
    let help = "as `select at request by latency.p95 / 10 ms, size / 1 MB`";
    cx.report(Diagnostic::error(Code::BadObjective, message).at(loc, "not this").help(help));
    None
}

/// Whether all traits of a term are of a slot.
fn of_slot(term: &Term, id: DefId) -> bool {
    match term {
        Term::Number(_) => true,
        Term::Trait { slot, .. } => *slot == SlotOf::Slot(id),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => of_slot(a, id) && of_slot(b, id),
    }
}

/// Whether vectors of the slot are in a type.
fn embeds(ty: &Type) -> bool {
    match ty {
        Type::Embedding(slot) => matches!(slot, SlotTy::Itself | SlotTy::Is(_)),
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => embeds(inner),
        Type::Record(_, args) => args.iter().any(|arg| matches!(arg, Arg::Type(ty) if embeds(ty))),
        Type::Outputs(fields) => fields.iter().any(|(_, ty)| embeds(ty)),
        _ => false,
    }
}
