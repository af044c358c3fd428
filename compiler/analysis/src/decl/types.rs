//! Type expressions to types.

use super::{GenericInfo, Kind};
use crate::cx::{At, Cx};
use crate::names::{BUILT_IN, DefKind};
use crate::ty::{Arg, DType, Dim, Elem, Labels, SlotTy, Type, UnitTy};
use crate::units::Unit;
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{DimExpr, DimKind, Name, TypeArg, TypeExpr, TypeKind, UnitExpr};

/// Where a type expression stands and which generics it sees.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub at: At,
    pub generics: &'a [GenericInfo],
    /// Whether free names in shapes are dimensions of a net, numbered as they come.
    pub net: bool,
}

impl<'a> Scope<'a> {
    pub fn plain(at: At) -> Scope<'a> {
        Scope { at, generics: &[], net: false }
    }

    fn generic(&self, name: &str) -> Option<(u32, Kind)> {
        let place = self.generics.iter().position(|g| g.name == name)?;
        Some((place as u32, self.generics[place].kind))
    }
}

pub fn convert(cx: &mut Cx, scope: Scope, expr: &TypeExpr) -> Type {
    match &expr.kind {
        TypeKind::Tuple(_) => {
            let loc = cx.loc(scope.at, expr.span);
            cx.report(
                Diagnostic::error(Code::NotAType, "only nets have a list of named tensors")
                    .at(loc, "not a type here")
                    .help("declare a record"),
            );
            Type::Error
        }
        TypeKind::Named { name, args, shape } => named(cx, scope, expr.span, name, args, shape.as_deref()),
    }
}

fn named(cx: &mut Cx, scope: Scope, span: Span, name: &Name, args: &[TypeArg], shape: Option<&[DimExpr]>) -> Type {
    let generic = scope.generic(&name.text);
    let elem = match generic {
        Some((id, kind)) if kind.is_elem() => Some(Elem::Var(id)),
        _ => DType::from_name(&name.text).map(Elem::Is),
    };
    if let Some(elem) = elem {
        if elem == Elem::Is(DType::Bool) && !args.is_empty() {
            return arguments(cx, scope, span, "bool", "no unit");
        }
        let unit = match args {
            [] => UnitTy::Is(Unit::one()),
            [arg] => match unit_arg(cx, scope, arg) {
                Some(unit) => unit,
                None => return Type::Error,
            },
            _ => return arguments(cx, scope, span, &name.text, "at most one argument, a unit"),
        };
        let shape = shape.unwrap_or(&[]).iter().map(|d| dim(cx, scope, d)).collect();
        return Type::Tensor(elem, unit, shape);
    }
    if shape.is_some() {
        let loc = cx.loc(scope.at, span);
        cx.report(
            Diagnostic::error(Code::NotAType, format!("`{}` has no dimensions", name.text))
                .at(loc, "only numbers and `bool` have dimensions")
                .help("element types are `bool`, `u8`, `i32`, `i64`, `f32` and `f64`"),
        );
        return Type::Error;
    }
    match (name.text.as_str(), args) {
        ("Text", []) => Type::Text,
        ("Bytes", []) => Type::Bytes,
        ("Image", []) => Type::Image,
        ("Audio", []) => Type::Audio,
        ("Ranking", [arg]) => labels_arg(cx, scope, arg).map_or(Type::Error, Type::Ranking),
        ("Option", [arg]) => Type::Option(Box::new(type_arg(cx, scope, arg))),
        ("Result", [arg]) => Type::Result(Box::new(type_arg(cx, scope, arg))),
        ("List", [element, bound]) => {
            let element = type_arg(cx, scope, element);
            Type::List(Box::new(element), dim_arg(cx, scope, bound))
        }
        ("Embedding", [arg]) => slot_arg(cx, scope, arg).map_or(Type::Error, Type::Embedding),
        ("Text" | "Bytes" | "Image" | "Audio", _) => arguments(cx, scope, span, &name.text, "no arguments"),
        ("Ranking", _) => arguments(cx, scope, span, "Ranking", "one argument, a label set"),
        ("Option" | "Result", _) => arguments(cx, scope, span, &name.text, "one argument, a type"),
        ("List", _) => arguments(cx, scope, span, "List", "two arguments, as in `List<Text, 16>`: at most 16 texts"),
        ("Embedding", _) => arguments(cx, scope, span, "Embedding", "one argument, a slot"),
        _ => declared(cx, scope, span, name, args, generic),
    }
}

fn declared(
    cx: &mut Cx,
    scope: Scope,
    span: Span,
    name: &Name,
    args: &[TypeArg],
    generic: Option<(u32, Kind)>,
) -> Type {
    match generic {
        Some((id, Kind::Labels)) => return Type::Label(Labels::Var(id)),
        Some((id, Kind::Type | Kind::Record)) => return Type::Var(id),
        Some(_) => return not_a_type(cx, scope, span, &name.text, "a generic of another kind"),
        None => {}
    }
    let Some(id) = lookup(cx, scope, name) else { return Type::Error };
    match cx.names.get(id).kind {
        DefKind::Labels => match cx.labels.get(&id) {
            Some(set) => Type::Label(Labels::Is(set.clone())),
            None => Type::Error,
        },
        DefKind::Record => {
            let at = cx.at(id);
            let module = &cx.modules[at.module];
            let mu_syntax::ast::ItemKind::Record { generics, .. } = &module.parsed.items[at.item].tree.clone().kind
            else {
                return Type::Error;
            };
            let kinds: Vec<Kind> =
                generics.iter().map(|g| Kind::from_name(&g.kind.text).unwrap_or(Kind::Type)).collect();
            match arguments_of(cx, scope, span, &name.text, &kinds, args) {
                Some(args) => Type::Record(id, args),
                None => Type::Error,
            }
        }
        DefKind::Broken => Type::Error,
        kind => not_a_type(cx, scope, span, &name.text, kind.noun()),
    }
}

fn lookup(cx: &mut Cx, scope: Scope, name: &Name) -> Option<crate::names::DefId> {
    use crate::names::Found;
    if let Found::Nothing = cx.names.find(scope.at.module, &name.text) {
        let generics = scope.generics.iter().map(|g| g.name.as_str());
        let more: Vec<&str> = BUILT_IN.iter().copied().chain(generics).collect();
        cx.unknown(scope.at, name, &more);
        return None;
    }
    cx.resolve(scope.at, name)
}

/// The arguments of a generic record or task, one for each kind.
pub fn arguments_of(
    cx: &mut Cx,
    scope: Scope,
    span: Span,
    name: &str,
    kinds: &[Kind],
    args: &[TypeArg],
) -> Option<Vec<Arg>> {
    if kinds.len() != args.len() {
        let wanted = match kinds {
            [] => "no arguments".to_string(),
            [one] => format!("one argument ({one:?})"),
            _ => format!(
                "{} arguments ({})",
                kinds.len(),
                kinds.iter().map(|k| format!("{k:?}")).collect::<Vec<_>>().join(", ")
            ),
        };
        arguments(cx, scope, span, name, &wanted);
        return None;
    }
    let mut out = Vec::new();
    for (kind, arg) in kinds.iter().zip(args) {
        out.push(match kind {
            Kind::Labels => Arg::Labels(labels_arg(cx, scope, arg)?),
            Kind::Dim | Kind::Dims => Arg::Dim(dim_arg(cx, scope, arg)),
            Kind::Unit => Arg::Unit(unit_arg(cx, scope, arg)?),
            Kind::Record => {
                let ty = type_arg(cx, scope, arg);
                if !matches!(ty, Type::Record(..) | Type::Var(_) | Type::Error) {
                    not_a_type(cx, scope, arg_span(arg), &ty.show(cx), "no record");
                    return None;
                }
                Arg::Type(ty)
            }
            _ => Arg::Type(type_arg(cx, scope, arg)),
        });
    }
    Some(out)
}

pub fn arg_span(arg: &TypeArg) -> Span {
    match arg {
        TypeArg::Type(ty) => ty.span,
        TypeArg::Dim(dim) => dim.span,
        TypeArg::Unit(unit) => unit.span,
    }
}

fn arguments(cx: &mut Cx, scope: Scope, span: Span, name: &str, wanted: &str) -> Type {
    let loc = cx.loc(scope.at, span);
    cx.report(Diagnostic::error(Code::NotAType, format!("`{name}` takes {wanted}")).at(loc, "here"));
    Type::Error
}

fn not_a_type(cx: &mut Cx, scope: Scope, span: Span, name: &str, what: &str) -> Type {
    let loc = cx.loc(scope.at, span);
    cx.report(
        Diagnostic::error(Code::NotAType, format!("`{name}` is no type here")).at(loc, format!("this is {what}")),
    );
    Type::Error
}

/// A lone name among type arguments.
fn lone(arg: &TypeArg) -> Option<&Name> {
    match arg {
        TypeArg::Type(TypeExpr { kind: TypeKind::Named { name, args, shape: None }, .. }) if args.is_empty() => {
            Some(name)
        }
        TypeArg::Dim(DimExpr { kind: DimKind::Name(name), .. }) => Some(name),
        TypeArg::Unit(UnitExpr { terms, .. }) => match terms.as_slice() {
            [(name, 1)] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn type_arg(cx: &mut Cx, scope: Scope, arg: &TypeArg) -> Type {
    match arg {
        TypeArg::Type(ty) => convert(cx, scope, ty),
        _ => match lone(arg) {
            Some(name) => named(cx, scope, name.span, name, &[], None),
            None => not_a_type(cx, scope, arg_span(arg), "this", "no type"),
        },
    }
}

fn labels_arg(cx: &mut Cx, scope: Scope, arg: &TypeArg) -> Option<Labels> {
    match type_arg(cx, scope, arg) {
        Type::Label(labels) => Some(labels),
        Type::Error => None,
        other => {
            let shown = other.show(cx);
            not_a_type(cx, scope, arg_span(arg), &shown, "no label set");
            None
        }
    }
}

fn dim_arg(cx: &mut Cx, scope: Scope, arg: &TypeArg) -> Dim {
    match arg {
        TypeArg::Dim(expr) => dim(cx, scope, expr),
        _ => match lone(arg) {
            Some(name) => dim(cx, scope, &DimExpr { kind: DimKind::Name(name.clone()), span: name.span }),
            None => {
                let loc = cx.loc(scope.at, arg_span(arg));
                cx.report(Diagnostic::error(Code::NotConstant, "a number is needed here").at(loc, "no dimension"));
                Dim::Any
            }
        },
    }
}

fn unit_arg(cx: &mut Cx, scope: Scope, arg: &TypeArg) -> Option<UnitTy> {
    match (arg, lone(arg)) {
        (_, Some(name)) => match scope.generic(&name.text) {
            Some((id, Kind::Unit)) => Some(UnitTy::Var(id, 1)),
            _ => {
                let expr = UnitExpr { terms: vec![(name.clone(), 1)], span: name.span };
                super::units::resolve(cx, scope.at, &expr).map(UnitTy::Is)
            }
        },
        (TypeArg::Unit(expr), None) => match expr.terms.as_slice() {
            [(name, power)] if matches!(scope.generic(&name.text), Some((_, Kind::Unit))) => {
                scope.generic(&name.text).map(|(id, _)| UnitTy::Var(id, *power))
            }
            _ => super::units::resolve(cx, scope.at, expr).map(UnitTy::Is),
        },
        (TypeArg::Dim(DimExpr { kind: DimKind::Is(1), .. }), None) => Some(UnitTy::Is(Unit::one())),
        _ => {
            let loc = cx.loc(scope.at, arg_span(arg));
            cx.report(
                Diagnostic::error(Code::UnknownUnit, "a unit is needed here")
                    .at(loc, "no unit")
                    .help("dimensions stand in brackets, as in `f32[3]`; units in angles, as in `f32<kg>`"),
            );
            None
        }
    }
}

fn slot_arg(cx: &mut Cx, scope: Scope, arg: &TypeArg) -> Option<SlotTy> {
    let name = match lone(arg) {
        Some(name) => name,
        None => {
            not_a_type(cx, scope, arg_span(arg), "this", "no slot");
            return None;
        }
    };
    if name.text == "self" {
        return Some(SlotTy::Itself);
    }
    match scope.generic(&name.text) {
        Some((id, Kind::Slot)) => Some(SlotTy::Var(id)),
        _ => cx.resolve_kind(scope.at, name, DefKind::Slot).map(SlotTy::Is),
    }
}

pub fn dim(cx: &mut Cx, scope: Scope, expr: &DimExpr) -> Dim {
    match &expr.kind {
        DimKind::Is(n) => Dim::Is(*n),
        DimKind::Any => Dim::Any,
        DimKind::Name(name) => match scope.generic(&name.text) {
            Some((id, Kind::Dim)) => Dim::Var(id),
            _ => unknown_dim(cx, scope, name),
        },
        DimKind::Rest(name) => match scope.generic(&name.text) {
            Some((id, Kind::Dims)) => Dim::Rest(id),
            _ => unknown_dim(cx, scope, name),
        },
        DimKind::UpTo(inner) => Dim::UpTo(Box::new(dim(cx, scope, inner))),
        DimKind::Bounded(name, bound) => match scope.generic(&name.text) {
            Some((id, Kind::Dim)) if scope.net => Dim::Var(id),
            _ => Dim::UpTo(Box::new(Dim::Is(*bound))),
        },
        DimKind::Add(a, b) => match (dim(cx, scope, a), dim(cx, scope, b)) {
            (Dim::Is(a), Dim::Is(b)) => Dim::Is(a.saturating_add(b)),
            (a, b) => Dim::Add(Box::new(a), Box::new(b)),
        },
        DimKind::Sub(a, b) => match (dim(cx, scope, a), dim(cx, scope, b)) {
            (Dim::Is(a), Dim::Is(b)) if a >= b => Dim::Is(a - b),
            (Dim::Is(_), Dim::Is(_)) => {
                let loc = cx.loc(scope.at, expr.span);
                cx.report(Diagnostic::error(Code::ShapeMismatch, "a size cannot be negative").at(loc, "less than 0"));
                Dim::Any
            }
            (a, b) => Dim::Sub(Box::new(a), Box::new(b)),
        },
    }
}

fn unknown_dim(cx: &mut Cx, scope: Scope, name: &Name) -> Dim {
    let loc = cx.loc(scope.at, name.span);
    let mut diagnostic =
        Diagnostic::error(Code::UnknownName, format!("`{}` is no dimension here", name.text)).at(loc, "not declared");
    let known = scope.generics.iter().map(|g| g.name.as_str());
    diagnostic = match suggest::nearest(&name.text, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => {
            diagnostic.help("write a number, `<= 960` for one that is bounded, or `_` for one known only at run time")
        }
    };
    cx.report(diagnostic);
    Dim::Any
}
