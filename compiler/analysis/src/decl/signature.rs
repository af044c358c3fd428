//! Signatures of functions, tasks and built-ins.

use super::types::{self, Scope};
use super::{GenericInfo, Kind, RecordInfo, generics};
use crate::cx::{At, Cx};
use crate::names::DefKind;
use crate::ty::{Dim, Type};
use mu_base::{Code, Diagnostic};
use mu_syntax::ast::{self, DimExpr, ItemKind, ParamKind, WhereTerm};
use std::rc::Rc;

/// A signature; variable `i` in its types is generic `i`.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    pub name: String,
    pub generics: Vec<GenericInfo>,
    pub params: Vec<ParamInfo>,
    pub result: Type,
    pub wheres: Vec<Where>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ParamInfo {
    pub name: String,
    pub want: ParamWant,
    pub default: Option<ast::Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParamWant {
    Value(Type),
    /// A constant that becomes the dimension of this number.
    Dim(u32),
    /// All constants that follow.
    Dims(u32),
    Const(ConstWant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstWant {
    Text,
    Float,
    Int,
    File,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Where {
    pub left: Measure,
    /// Else `<=`.
    pub equal: bool,
    pub right: Measure,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    Dim(Dim),
    /// The product of the dimensions a variable stands for.
    Size(u32),
    /// How many fields the record has that a variable stands for.
    Fields(u32),
}

impl Signature {
    /// The parameters that are values, with names.
    pub fn values(&self) -> Vec<(String, Type)> {
        self.params
            .iter()
            .filter_map(|p| match &p.want {
                ParamWant::Value(ty) => Some((p.name.clone(), ty.clone())),
                _ => None,
            })
            .collect()
    }
}

/// Reads the fields of all records, then the signatures of functions and built-ins.
pub fn collect(cx: &mut Cx) {
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Record) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Record { generics: list, fields, .. } = &tree.kind else { continue };
        let generics = generics(cx, at, list);
        let scope = Scope { at, generics: &generics, net: false };
        let mut out: Vec<(String, Type)> = Vec::new();
        for field in fields {
            if out.iter().any(|(name, _)| *name == field.name.text) {
                let loc = cx.loc(at, field.name.span);
                cx.report(
                    Diagnostic::error(
                        Code::DuplicateName,
                        format!("the field `{}` is declared twice", field.name.text),
                    )
                    .at(loc, "declared again here"),
                );
                continue;
            }
            let ty = types::convert(cx, scope, &field.ty);
            out.push((field.name.text.clone(), ty));
        }
        cx.records.insert(id, RecordInfo { name: def.name.clone(), generics, fields: out });
    }
    record_cycles(cx);
    record_sizes(cx);
    for (id, def) in names.iter() {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let signature = match &tree.kind {
            ItemKind::Fn(function) => &function.signature,
            ItemKind::Builtin(signature) => signature,
            _ => continue,
        };
        let mut info = read(cx, at, signature);
        if def.kind == DefKind::Builtin && !cx.modules[at.module].is_std() {
            let loc = cx.name_loc(id);
            cx.report(
                Diagnostic::error(Code::SyntaxError, "only the standard library declares built-in functions")
                    .at(loc, "declared here")
                    .help("write `fn` and a body"),
            );
        }
        if def.kind == DefKind::Fn && !signature.generics.is_empty() {
            let loc = cx.loc(at, signature.name.span);
            cx.report(
                Diagnostic::error(Code::NotAType, "functions have no generics")
                    .at(loc, "this one has")
                    .help("write one function for each type; only records, tasks and built-in functions have generics"),
            );
            info.generics.clear();
            info.result = Type::Error;
            info.params.iter_mut().for_each(|p| p.want = ParamWant::Value(Type::Error));
        }
        cx.signatures.insert(id, Rc::new(info));
    }
}

/// A record may not hold itself: its values would have no end.
fn record_cycles(cx: &mut Cx) {
    let ids: Vec<_> = cx.records.keys().copied().collect();
    for id in ids {
        let mut seen = vec![id];
        let mut next = 0;
        let mut cyclic = false;
        while let Some(at) = seen.get(next).copied() {
            next += 1;
            let Some(info) = cx.records.get(&at) else { continue };
            let mut inside = Vec::new();
            info.fields.iter().for_each(|(_, ty)| records_in(ty, &mut inside));
            for other in inside {
                if other == id {
                    cyclic = true;
                } else if !seen.contains(&other) {
                    seen.push(other);
                }
            }
        }
        if cyclic {
            let loc = cx.name_loc(id);
            let name = cx.names.get(id).name.clone();
            cx.report(
                Diagnostic::error(Code::NotAType, format!("the record `{name}` holds itself"))
                    .at(loc, "its values would have no end"),
            );
            if let Some(info) = cx.records.get_mut(&id) {
                info.fields.iter_mut().for_each(|(_, ty)| *ty = Type::Error);
            }
        }
    }
}

/// How many parts a value of a type may have at most: what is stored and printed part by part must be of a size.
pub const MAX_PARTS: u32 = 10_000;

/// Whether a type has more parts than any value may. Stops counting there, however large the type is.
pub fn too_large(cx: &Cx, ty: &Type) -> bool {
    let mut left = MAX_PARTS;
    let mut next = vec![ty.clone()];
    while let Some(ty) = next.pop() {
        if left == 0 {
            return true;
        }
        left -= 1;
        match &ty {
            Type::Record(id, args) => {
                if let Some(info) = cx.records.get(id) {
                    next.extend(info.fields_with(args).into_iter().map(|(_, ty)| ty));
                }
            }
            Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => next.push((**inner).clone()),
            _ => {}
        }
    }
    false
}

/// Reports a record with more parts than any value may have; what holds it is not reported again.
fn record_sizes(cx: &mut Cx) {
    let ids: Vec<_> = cx.records.keys().copied().collect();
    let large: Vec<_> = ids.into_iter().filter(|id| too_large(cx, &Type::Record(*id, Vec::new()))).collect();
    for (i, id) in large.into_iter().enumerate() {
        if i == 0 {
            let loc = cx.name_loc(id);
            let name = cx.names.get(id).name.clone();
            cx.report(
                Diagnostic::error(Code::NotAType, format!("the record `{name}` is too large"))
                    .at(loc, format!("records in records give it more than {MAX_PARTS} parts")),
            );
        }
        if let Some(info) = cx.records.get_mut(&id) {
            info.fields.iter_mut().for_each(|(_, ty)| *ty = Type::Error);
        }
    }
}

fn records_in(ty: &Type, out: &mut Vec<crate::names::DefId>) {
    match ty {
        Type::Record(id, args) => {
            out.push(*id);
            for arg in args {
                if let crate::ty::Arg::Type(inner) = arg {
                    records_in(inner, out);
                }
            }
        }
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => records_in(inner, out),
        _ => {}
    }
}

/// One signature.
pub fn read(cx: &mut Cx, at: At, signature: &ast::Signature) -> Signature {
    let generics = generics(cx, at, &signature.generics);
    let scope = Scope { at, generics: &generics, net: false };
    let mut params: Vec<ParamInfo> = Vec::new();
    for param in &signature.params {
        let want = match &param.kind {
            ParamKind::Value(ty) => ParamWant::Value(types::convert(cx, scope, ty)),
            ParamKind::Dim(name) => {
                number_of(&generics, &name.text).map_or(ParamWant::Value(Type::Error), ParamWant::Dim)
            }
            ParamKind::Dims(name) => {
                number_of(&generics, &name.text).map_or(ParamWant::Value(Type::Error), ParamWant::Dims)
            }
            ParamKind::Const(ty) => ParamWant::Const(match &ty.kind {
                ast::TypeKind::Named { name, .. } if name.text == "File" => ConstWant::File,
                ast::TypeKind::Named { name, .. } if name.text == "f64" => ConstWant::Float,
                ast::TypeKind::Named { name, .. } if name.text == "i64" => ConstWant::Int,
                _ => ConstWant::Text,
            }),
        };
        params.push(ParamInfo { name: param.name.text.clone(), want, default: param.default.clone() });
    }
    let result = types::convert(cx, scope, &signature.result);
    let mut wheres = Vec::new();
    for clause in &signature.wheres {
        let left = measure(cx, scope, &clause.left);
        let right = measure(cx, scope, &clause.right);
        if let (Some(left), Some(right)) = (left, right) {
            wheres.push(Where { left, equal: clause.equal, right });
        }
    }
    Signature { name: signature.name.text.clone(), generics, params, result, wheres }
}

fn number_of(generics: &[GenericInfo], name: &str) -> Option<u32> {
    generics.iter().position(|g| g.name == name && matches!(g.kind, Kind::Dim | Kind::Dims)).map(|i| i as u32)
}

fn measure(cx: &mut Cx, scope: Scope, term: &WhereTerm) -> Option<Measure> {
    let place = |name: &str| scope.generics.iter().position(|g| g.name == name).map(|i| i as u32);
    match term {
        WhereTerm::Dim(expr) => {
            let expr: &DimExpr = expr;
            Some(Measure::Dim(types::dim(cx, scope, expr)))
        }
        WhereTerm::Size(name) => place(&name.text).map(Measure::Size),
        WhereTerm::Fields(name) => place(&name.text).map(Measure::Fields),
    }
}
