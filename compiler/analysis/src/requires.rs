//! Requirements and objectives: terms over traits, checked for their quantities.

use crate::cx::{At, Cx};
use crate::decl::TraitUnit;
use crate::hir::{self, Check, Goal, Requirement, SlotOf, Term};
use crate::names::{DefId, DefKind, Found};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{self, Direction, ObjectiveKind, Quantity, RequireKind, TermOp, TraitRef};
use std::collections::BTreeMap;

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

/// What kind of quantity a term is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Measure {
    Ratio,
    Count,
    Unit(BTreeMap<String, i32>),
    /// A product or a quotient: compares with ratios and plain numbers alike.
    Number,
    /// Reported already.
    Error,
}

struct Typed {
    term: Term,
    measure: Measure,
    span: Span,
    /// Where it is a lone quantity: the literal.
    literal: Option<Quantity>,
    direction: Option<Direction>,
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
            let allowed = allowed.iter().map(|s| s.text.clone()).collect();
            let check = Check::License { slot, allowed };
            ok.then_some(Requirement { text, loc, bound: None, check, unit: (String::new(), Decimal::ONE) })
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
            let check = Check::Compare { left: left.term, op: *op, right: right.term };
            Some(Requirement { text, loc, bound, check, unit })
        }
    }
}

/// Metrics are compared on the same data only.
fn one_data_set(cx: &mut Cx, loc: mu_base::Loc, left: &Term, right: &Term) -> Option<()> {
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

fn is_constant(term: &Term) -> bool {
    match term {
        Term::Number(_) => true,
        Term::Trait { .. } => false,
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => is_constant(a) && is_constant(b),
    }
}

fn data_sets(term: &Term, out: &mut Vec<DefId>) {
    match term {
        Term::Trait { dataset: Some(id), .. } => out.push(*id),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            data_sets(a, out);
            data_sets(b, out);
        }
        _ => {}
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

fn dataset_of(term: &ast::Term) -> Option<&ast::Name> {
    match term {
        ast::Term::Trait(path) => path.dataset.as_ref(),
        ast::Term::Quantity(_) => None,
        ast::Term::Binary { left, right, .. } => dataset_of(left).or(dataset_of(right)),
    }
}

/// The slot a path starts with, or the subject, and the rest of the path.
fn whose(cx: &mut Cx, subject: &Subject, path: &TraitRef) -> Option<(SlotOf, String)> {
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

fn term(cx: &mut Cx, subject: &Subject, term_: &ast::Term, dataset: Option<&ast::Name>) -> Option<Typed> {
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

fn literal(cx: &mut Cx, subject: &Subject, quantity: &Quantity) -> Option<Typed> {
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

fn trait_term(cx: &mut Cx, subject: &Subject, path: &TraitRef, dataset: Option<&ast::Name>) -> Option<Typed> {
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

fn unknown_trait(cx: &mut Cx, loc: mu_base::Loc, name: &str, task: &hir::TaskRef) {
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
fn data_set(
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
fn agree(cx: &mut Cx, subject: &Subject, mut left: Typed, mut right: Typed) -> Option<(Typed, Typed)> {
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

fn measure_name(cx: &Cx, measure: &Measure) -> String {
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

fn binary(cx: &mut Cx, subject: &Subject, op: TermOp, left: Typed, right: Typed) -> Option<Typed> {
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

fn combine(a: &Measure, b: &Measure, power: i32) -> Measure {
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
fn shown_unit(cx: &mut Cx, subject: &Subject, left: &Typed, right: &Typed) -> (String, Decimal) {
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
                    goals.push(Goal { text: text.clone(), term, loc });
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
                    goals.push(Goal { text, term, loc });
                }
            }
        }
    }
    goals
}

fn minus(term: Term) -> Term {
    Term::Sub(Box::new(Term::Number(Decimal::ZERO)), Box::new(term))
}

/// One term of a `prefer`: a trait divided by a scale of its kind, counted in its direction.
fn preference(cx: &mut Cx, subject: &Subject, part: &ast::Term) -> Option<Term> {
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
