//! Terms over traits and quantities, and what kind of quantity each is.

use super::Subject;
use crate::cx::Cx;
use crate::decl::TraitUnit;
use crate::hir::{self, SlotOf, Term};
use crate::names::{DefId, DefKind, Found};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{self, Direction, Quantity, TermOp, TraitRef};
use std::collections::BTreeMap;

/// What kind of quantity a term is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measure {
    Ratio,
    Count,
    Unit(BTreeMap<String, i32>),
    /// A product or a quotient: compares with ratios and plain numbers alike.
    Number,
    /// Reported already.
    Error,
}

pub(super) struct Typed {
    pub term: Term,
    pub measure: Measure,
    pub span: Span,
    /// Where it is a lone quantity: the literal.
    pub literal: Option<Quantity>,
    pub direction: Option<Direction>,
}

/// Metrics are compared on the same data only.
pub(super) fn one_data_set(cx: &mut Cx, loc: mu_base::Loc, left: &Term, right: &Term) -> Option<()> {
    let mut found = Vec::new();
    data_sets(left, &mut found);
    data_sets(right, &mut found);
    let sets: Vec<hir::Dataset> = found.iter().filter_map(|id| cx.datasets.get(id).cloned()).collect();
    let Some(first) = sets.first() else { return Some(()) };
    match sets.iter().find(|s| s.name != first.name || s.sha256 != first.sha256 || s.revision != first.revision) {
        None => Some(()),
        Some(other) => {
            let message = format!("a metric on `{}` is compared with one on `{}`", first.name, other.name);
            cx.report(
                Diagnostic::error(Code::DatasetMismatch, message)
                    .at(loc, "figures on different data say nothing about which model is better")
                    .because(first.loc, "one data set")
                    .because(other.loc, "the other")
                    .help("compare on one data set"),
            );
            None
        }
    }
}

pub(super) fn is_constant(term: &Term) -> bool {
    match term {
        Term::Number(_) => true,
        Term::Trait { .. } => false,
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => is_constant(a) && is_constant(b),
    }
}

pub(super) fn data_sets(term: &Term, out: &mut Vec<DefId>) {
    match term {
        Term::Trait { dataset: Some(id), .. } => out.push(*id),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            data_sets(a, out);
            data_sets(b, out);
        }
        _ => {}
    }
}

pub(super) fn dataset_of(term: &ast::Term) -> Option<&ast::Name> {
    match term {
        ast::Term::Trait(path) => path.dataset.as_ref(),
        ast::Term::Quantity(_) => None,
        ast::Term::Binary { left, right, .. } => dataset_of(left).or(dataset_of(right)),
    }
}

/// The slot a path starts with, or the subject, and the rest of the path.
pub(super) fn whose(cx: &mut Cx, subject: &Subject, path: &TraitRef) -> Option<(SlotOf, String)> {
    let names: Vec<&str> = path.path.iter().map(|n| n.text.as_str()).collect();
    if let [first, rest @ ..] = names.as_slice()
        && !rest.is_empty()
        && let Found::Def(id) = cx.names.find(subject.at.module, first)
        && cx.names.get(id).kind == DefKind::Slot
    {
        return Some((SlotOf::Slot(id), rest.join(".")));
    }
    Some((subject.slot, names.join(".")))
}

pub(super) fn term(cx: &mut Cx, subject: &Subject, term_: &ast::Term, dataset: Option<&ast::Name>) -> Option<Typed> {
    match term_ {
        ast::Term::Quantity(quantity) => literal(cx, subject, quantity),
        ast::Term::Trait(path) => trait_term(cx, subject, path, dataset),
        ast::Term::Binary { op, left, right } => {
            let left = term(cx, subject, left, dataset);
            let right = term(cx, subject, right, dataset);
            binary(cx, subject, *op, left?, right?)
        }
    }
}

pub(super) fn literal(cx: &mut Cx, subject: &Subject, quantity: &Quantity) -> Option<Typed> {
    let unit = crate::decl::units::resolve(cx, subject.at, &quantity.unit)?;
    let percent = matches!(quantity.unit.terms.as_slice(), [(name, 1)] if name.text == "%");
    let value = quantity.value.checked_mul(unit.factor).unwrap_or(quantity.value);
    let measure = if percent {
        Measure::Ratio
    } else if unit.exponents.is_empty() {
        Measure::Count
    } else {
        Measure::Unit(unit.exponents)
    };
    let term = Term::Number(value);
    Some(Typed { term, measure, span: quantity.span, literal: Some(quantity.clone()), direction: None })
}

pub(super) fn trait_term(
    cx: &mut Cx,
    subject: &Subject,
    path: &TraitRef,
    dataset: Option<&ast::Name>,
) -> Option<Typed> {
    let (mut slot, name) = whose(cx, subject, path)?;
    let loc = cx.loc(subject.at, path.span);
    // In a `deploy`, a bare name is the program's where it composes, and the only slot's where it does not.
    let composes =
        ["size", "memory", "parameters", "cost", "cold_start"].contains(&name.as_str()) || name.starts_with("latency.");
    if slot == SlotOf::Program && !composes {
        match subject.reach.as_slice() {
            [only] => slot = SlotOf::Slot(*only),
            many => {
                let slots: Vec<String> = many.iter().map(|s| cx.names.get(*s).name.clone()).collect();
                let help = match slots.first() {
                    Some(first) => {
                        format!("write whose: `{first}.{name}`; the program has {}", crate::cx::list(&slots))
                    }
                    None => "the program has no slots".to_string(),
                };
                cx.report(
                    Diagnostic::error(Code::UnknownTrait, format!("`{name}` is no trait of a whole program"))
                        .at(loc, "of which slot?")
                        .help(help),
                );
                return None;
            }
        }
    }
    let info = match slot {
        SlotOf::Slot(id) => {
            let task = cx.slots.get(&id).map(|s| s.task.clone())?;
            let info = task.trait_info(cx, &name);
            if info.is_none() {
                unknown_trait(cx, loc, &name, &task);
                return None;
            }
            let info = info?;
            let metric = task.is_metric(cx, &name);
            let dataset = path.dataset.as_ref().or(dataset);
            let dataset = if metric { Some(data_set(cx, subject, path, &task, dataset)?) } else { None };
            if !metric && path.dataset.is_some() {
                cx.report(
                    Diagnostic::error(Code::UnknownTrait, format!("`{name}` is not measured on data"))
                        .at(loc, "only metrics are")
                        .help("remove `on ...`"),
                );
            }
            (info, dataset)
        }
        SlotOf::Program => (cx.traits.get(&name).cloned()?, None),
    };
    let (info, dataset) = info;
    let measure = match info.unit {
        TraitUnit::Ratio => Measure::Ratio,
        TraitUnit::Count | TraitUnit::Generic(_) => Measure::Count,
        TraitUnit::Unit(exponents) => Measure::Unit(exponents),
        TraitUnit::License => {
            let diagnostic = if subject.ranks {
                Diagnostic::error(Code::BadObjective, "licences have no order")
                    .at(loc, "cannot rank models")
                    .help("say which ones are wanted: `require license in [MIT, Apache-2.0]`")
            } else {
                Diagnostic::error(Code::UnitMismatch, "a licence is no number")
                    .at(loc, "compared here")
                    .help("write `license in [MIT, Apache-2.0]`")
            };
            cx.report(diagnostic);
            return None;
        }
    };
    let term = Term::Trait { slot, path: name, dataset };
    Some(Typed { term, measure, span: path.span, literal: None, direction: info.direction })
}

pub(super) fn unknown_trait(cx: &mut Cx, loc: mu_base::Loc, name: &str, task: &hir::TaskRef) {
    let known = task.trait_names(cx);
    let mut diagnostic = Diagnostic::error(Code::UnknownTrait, format!("`{name}` is no trait of `{}`", task.show(cx)))
        .at(loc, "not known");
    diagnostic = match suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("there are {}", crate::cx::list(&known))),
    };
    cx.report(diagnostic);
}

/// The data set of a metric: the named one, or the only one of the task that is in sight.
pub(super) fn data_set(
    cx: &mut Cx,
    subject: &Subject,
    path: &TraitRef,
    task: &hir::TaskRef,
    named: Option<&ast::Name>,
) -> Option<DefId> {
    if let Some(name) = named {
        let id = cx.resolve_kind(subject.at, name, DefKind::Dataset)?;
        let dataset = cx.datasets.get(&id)?.clone();
        if !dataset.task.same(task) {
            let loc = cx.loc(subject.at, name.span);
            let (of, need) = (dataset.task.show(cx), task.show(cx));
            cx.report(
                Diagnostic::error(Code::DatasetMismatch, format!("`{}` is a data set of `{of}`", name.text))
                    .at(loc, format!("one of `{need}` is needed"))
                    .because(dataset.loc, "declared here"),
            );
            return None;
        }
        return Some(id);
    }
    let fitting: Vec<DefId> = cx.datasets.iter().filter(|(_, d)| d.task.same(task)).map(|(id, _)| *id).collect();
    if let [only] = fitting.as_slice() {
        return Some(*only);
    }
    let loc = cx.loc(subject.at, path.span);
    let names: Vec<String> = fitting.iter().map(|id| cx.names.get(*id).name.clone()).collect();
    let help = match names.first() {
        Some(first) => format!("add `on {first}`; the data sets of this task are {}", crate::cx::list(&names)),
        None => format!("declare one: `dataset NAME: {} {{ ... }}`", task.show(cx)),
    };
    cx.report(
        Diagnostic::error(Code::MetricNeedsDataset, "a metric needs the data set it is measured on")
            .at(loc, "on which data?")
            .help(help),
    );
    None
}

/// Both sides of a comparison or a sum are of one kind; a decimal between 0 and 1 is a ratio too.
pub(super) fn agree(cx: &mut Cx, subject: &Subject, mut left: Typed, mut right: Typed) -> Option<(Typed, Typed)> {
    let measures = [right.measure.clone(), left.measure.clone()];
    for (other, b) in measures.iter().zip([&mut left, &mut right]) {
        if *other == Measure::Ratio
            && b.measure == Measure::Count
            && let (Some(quantity), Term::Number(value)) = (&b.literal, &b.term)
        {
            if (Decimal::ZERO..=Decimal::ONE).contains(value) {
                b.measure = Measure::Ratio;
            } else {
                let loc = cx.loc(subject.at, quantity.span);
                let written = quantity.value.normalize();
                cx.report(
                    Diagnostic::error(Code::UnitMismatch, format!("a ratio lies between 0 and 1, {written} does not"))
                        .at(loc, "compared with a ratio")
                        .help(format!("write `{written}%`"))
                        .fix(format!("write `{written}%`"), loc, format!("{written}%")),
                );
                return None;
            }
        }
    }
    let plain = |m: &Measure| matches!(m, Measure::Ratio | Measure::Count | Measure::Number);
    let computed = left.measure == Measure::Number || right.measure == Measure::Number;
    if left.measure == right.measure || computed && plain(&left.measure) && plain(&right.measure) {
        return Some((left, right));
    }
    if left.measure != Measure::Error && right.measure != Measure::Error {
        let (l, r) = (measure_name(cx, &left.measure), measure_name(cx, &right.measure));
        let diagnostic = Diagnostic::error(Code::UnitMismatch, format!("{l} cannot be compared with {r}"))
            .at(cx.loc(subject.at, right.span), format!("this is {r}"))
            .because(cx.loc(subject.at, left.span), format!("this is {l}"));
        cx.report(diagnostic);
    }
    None
}

pub(super) fn measure_name(cx: &Cx, measure: &Measure) -> String {
    match measure {
        Measure::Ratio => "a ratio".to_string(),
        Measure::Count | Measure::Number => "a plain number".to_string(),
        Measure::Error => "unknown".to_string(),
        Measure::Unit(exponents) => {
            let parts: Vec<String> = exponents
                .iter()
                .map(|(unit, power)| {
                    let dimension = cx.dimensions.iter().find(|(_, base)| *base == unit).map(|(d, _)| d.as_str());
                    let name = dimension.unwrap_or(unit);
                    if *power == 1 { name.to_string() } else { format!("{name}^{power}") }
                })
                .collect();
            format!("a quantity of {}", parts.join("*"))
        }
    }
}

pub(super) fn binary(cx: &mut Cx, subject: &Subject, op: TermOp, left: Typed, right: Typed) -> Option<Typed> {
    let span = left.span.to(right.span);
    let direction = left.direction;
    let (left, right, measure) = match op {
        TermOp::Add | TermOp::Sub => {
            let (left, right) = agree(cx, subject, left, right)?;
            let measure = left.measure.clone();
            (left, right, measure)
        }
        TermOp::Mul | TermOp::Div => {
            let power = if op == TermOp::Mul { 1 } else { -1 };
            let measure = combine(&left.measure, &right.measure, power);
            (left, right, measure)
        }
    };
    let (a, b) = (Box::new(left.term), Box::new(right.term));
    let term = match op {
        TermOp::Add => Term::Add(a, b),
        TermOp::Sub => Term::Sub(a, b),
        TermOp::Mul => Term::Mul(a, b),
        TermOp::Div => Term::Div(a, b),
    };
    Some(Typed { term, measure, span, literal: None, direction })
}

pub(super) fn combine(a: &Measure, b: &Measure, power: i32) -> Measure {
    let exponents = |m: &Measure| match m {
        Measure::Unit(e) => e.clone(),
        _ => BTreeMap::new(),
    };
    if *a == Measure::Error || *b == Measure::Error {
        return Measure::Error;
    }
    let mut out = exponents(a);
    for (unit, e) in exponents(b) {
        *out.entry(unit).or_insert(0) += e * power;
    }
    out.retain(|_, e| *e != 0);
    match (out.is_empty(), a, b) {
        (false, _, _) => Measure::Unit(out),
        _ => Measure::Number,
    }
}

/// How values of a requirement are shown: in the unit of its literal.
pub(super) fn shown_unit(cx: &mut Cx, subject: &Subject, left: &Typed, right: &Typed) -> (String, Decimal) {
    let quantity = right.literal.as_ref().or(left.literal.as_ref());
    match quantity {
        Some(quantity) if !quantity.unit.terms.is_empty() => {
            let unit = crate::decl::units::resolve(cx, subject.at, &quantity.unit);
            unit.map(|u| (u.shown.0.clone(), u.factor)).unwrap_or_default()
        }
        _ if left.measure == Measure::Ratio => ("%".to_string(), Decimal::new(1, 2)),
        _ => (String::new(), Decimal::ONE),
    }
}
