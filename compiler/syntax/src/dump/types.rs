//! Types, units, dimensions and requirements in print, each on one line.

use super::expr::quoted;
use crate::ast::{
    AtRequest, Compare, DimExpr, DimKind, Direction, Generic, Name, Objective, ObjectiveKind, ParamKind, Quantity,
    Require, RequireKind, Setting, SettingValue, Term, TermOp, TraitRef, TypeArg, TypeExpr, TypeKind, UnitExpr, Where,
    WhereTerm,
};
use std::fmt::Write;

fn list<T>(items: &[T], print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(", ")
}

pub(super) fn path(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

pub(super) fn unit(unit: &UnitExpr) -> String {
    terms(&unit.terms)
}

/// `kg/m^2`, `1/s`
pub(super) fn terms(terms: &[(Name, i32)]) -> String {
    let mut out = String::new();
    for (i, (name, exponent)) in terms.iter().enumerate() {
        out.push_str(match (i, *exponent < 0) {
            (0, false) => "",
            (0, true) => "1/",
            (_, false) => "*",
            (_, true) => "/",
        });
        out.push_str(&name.text);
        if exponent.abs() != 1 {
            let _ = write!(out, "^{}", exponent.abs());
        }
    }
    out
}

pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher is better",
        Direction::Lower => "lower is better",
    }
}

pub(super) fn generics(generics: &[Generic]) -> String {
    if generics.is_empty() {
        return String::new();
    }
    format!("<{}>", list(generics, |generic| format!("{}: {}", generic.name.text, generic.kind.text)))
}

pub(super) fn ty(expr: &TypeExpr) -> String {
    match &expr.kind {
        TypeKind::Named { name, args, shape } => {
            let args = if args.is_empty() { String::new() } else { format!("<{}>", list(args, type_arg)) };
            let shape = shape.as_ref().map(|dims| format!("[{}]", list(dims, dim))).unwrap_or_default();
            format!("{}{args}{shape}", name.text)
        }
        TypeKind::Tuple(fields) => {
            format!("({})", list(fields, |(name, field)| format!("{}: {}", name.text, ty(field))))
        }
    }
}

fn type_arg(arg: &TypeArg) -> String {
    match arg {
        TypeArg::Type(arg) => ty(arg),
        TypeArg::Dim(arg) => dim(arg),
        TypeArg::Unit(arg) => unit(arg),
    }
}

fn dim(expr: &DimExpr) -> String {
    match &expr.kind {
        DimKind::Is(value) => value.to_string(),
        DimKind::Name(name) => name.text.clone(),
        DimKind::Rest(name) => format!("..{}", name.text),
        DimKind::Any => "_".to_owned(),
        DimKind::UpTo(bound) => format!("<= {}", dim(bound)),
        DimKind::Bounded(name, bound) => format!("{} <= {bound}", name.text),
        DimKind::Add(left, right) => format!("{} + {}", dim(left), dim(right)),
        DimKind::Sub(left, right) => format!("{} - {}", dim(left), dim(right)),
    }
}

pub(super) fn param(kind: &ParamKind) -> String {
    match kind {
        ParamKind::Value(value) => ty(value),
        ParamKind::Dim(name) => format!("dim {}", name.text),
        ParamKind::Dims(name) => format!("dims {}", name.text),
        ParamKind::Const(value) => format!("const {}", ty(value)),
    }
}

pub(super) fn condition(condition: &Where) -> String {
    let side = |term: &WhereTerm| match term {
        WhereTerm::Dim(expr) => dim(expr),
        WhereTerm::Size(name) => format!("size({})", name.text),
        WhereTerm::Fields(name) => format!("fields({})", name.text),
    };
    let sign = if condition.equal { "==" } else { "<=" };
    format!("{} {sign} {}", side(&condition.left), side(&condition.right))
}

pub(super) fn trait_ref(trait_ref: &TraitRef) -> String {
    match &trait_ref.dataset {
        Some(dataset) => format!("{} on {}", path(&trait_ref.path), dataset.text),
        None => path(&trait_ref.path),
    }
}

pub(super) fn quantity(quantity: &Quantity) -> String {
    format!("{} {}", quantity.value, unit(&quantity.unit)).trim_end().to_owned()
}

pub(super) fn requirement(require: &Require) -> String {
    let claimed = claimed(require.claimed.is_some());
    let confidence = require.confidence.as_ref();
    let confidence = confidence.map(|c| format!(" with confidence {}", quantity(&c.level))).unwrap_or_default();
    let rule = match &require.kind {
        RequireKind::Compare { left, op, right } => {
            let sign = match op {
                Compare::Lt => "<",
                Compare::Le => "<=",
                Compare::Gt => ">",
                Compare::Ge => ">=",
                Compare::Eq => "==",
                Compare::Ne => "!=",
            };
            format!("{} {sign} {}", term(left), term(right))
        }
        RequireKind::License { path, allowed } => {
            format!("{} in [{}]", trait_ref(path), list(allowed, |spdx| spdx.text.clone()))
        }
    };
    format!("{rule}{claimed}{confidence}")
}

fn claimed(claimed: bool) -> &'static str {
    if claimed { " as claimed" } else { "" }
}

pub(super) fn objective(objective: &Objective) -> String {
    let goals = match &objective.kind {
        ObjectiveKind::Minimize(terms) => format!("minimize {}", in_turn(terms)),
        ObjectiveKind::Maximize(terms) => format!("maximize {}", in_turn(terms)),
        ObjectiveKind::Prefer(terms) => format!("prefer {}", list(terms, term)),
    };
    format!("{goals}{}", claimed(objective.claimed))
}

pub(super) fn at_request(choice: &AtRequest) -> String {
    format!("select at request by {}{}", list(&choice.terms, term), claimed(choice.claimed))
}

fn in_turn(terms: &[Term]) -> String {
    terms.iter().map(term).collect::<Vec<_>>().join(", then ")
}

fn term(expr: &Term) -> String {
    match expr {
        Term::Trait(expr) => trait_ref(expr),
        Term::Quantity(expr) => quantity(expr),
        Term::Binary { op, left, right } => {
            let sign = match op {
                TermOp::Add => "+",
                TermOp::Sub => "-",
                TermOp::Mul => "*",
                TermOp::Div => "/",
            };
            format!("({} {sign} {})", term(left), term(right))
        }
    }
}

pub(super) fn setting(setting: &Setting) -> String {
    let value = match &setting.value {
        SettingValue::Text(text) => quoted(&text.text),
        SettingValue::Word(word) => word.text.clone(),
        SettingValue::Named(name, text) => format!("{} {}", name.text, quoted(&text.text)),
        SettingValue::Quantity(value) => quantity(value),
    };
    format!("{} {value}", setting.name.text)
}
