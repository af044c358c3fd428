//! Expressions.

use super::{Checker, Why};
use crate::hir::{self, ExprKind as H};
use crate::names::DefKind;
use crate::ty::{Dim, Labels, Type};
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{self, ExprKind as A, Name};

impl Checker<'_, '_> {
    /// An expression; `want` guides literals, and is not yet demanded.
    pub(super) fn expr(&mut self, expr: &ast::Expr, want: Option<&Type>) -> hir::Expr {
        let span = expr.span;
        match &expr.kind {
            A::Error => self.error(span),
            A::Number { value, decimal, unit } => self.number(span, *value, *decimal, unit.as_ref(), want),
            A::Text(text) => self.text(span, text, want),
            A::Bool(value) => hir::Expr { ty: Type::bool(), span, kind: H::Bool(*value) },
            A::None => {
                let inner = self.table.fresh(crate::decl::Kind::Type);
                hir::Expr { ty: Type::Option(Box::new(Type::Var(inner))), span, kind: H::None }
            }
            A::Name(name) => self.name(name),
            A::List(items) => self.list(span, items, want),
            A::Record { name, fields } => self.record(span, name, fields, want),
            A::Call { callee, args, .. } => self.call(span, callee, args, want),
            A::Field { value, field } => self.field(span, value, field),
            A::Index { value, index } => self.index(span, value, index),
            A::Slice { value, from, to } => self.slice(span, value, from, to),
            A::Unary { op, value } => self.unary(span, *op, value, want),
            A::Binary { op, op_span, left, right } => self.binary(span, *op, *op_span, left, right, want),
            A::In { value, unit } => self.convert(span, value, unit),
            A::If { condition, expect, then, otherwise } => {
                self.if_expr(span, condition, *expect, then, otherwise, want)
            }
            A::Match { subject, arms } => self.match_expr(span, subject, arms, want),
            A::For { name, list, filter, body } => self.for_expr(span, name, list, filter.as_deref(), body, want),
            A::Scan { name, list, states, body } => self.scan_expr(span, name, list, states, body, want),
        }
    }

    fn name(&mut self, name: &Name) -> hir::Expr {
        if let Some(id) = self.find_local(&name.text) {
            self.locals[id as usize].used = true;
            let ty = self.locals[id as usize].ty.clone();
            return hir::Expr { ty, span: name.span, kind: H::Local(id) };
        }
        if let crate::names::Found::Nothing = self.cx.names.find(self.at.module, &name.text) {
            let locals: Vec<String> = self.scope.iter().map(|l| self.locals[*l as usize].name.clone()).collect();
            let locals: Vec<&str> = locals.iter().map(String::as_str).collect();
            self.cx.unknown(self.at, name, &locals);
            return self.error(name.span);
        }
        let Some(id) = self.cx.resolve(self.at, name) else { return self.error(name.span) };
        let kind = self.cx.names.get(id).kind;
        match kind {
            DefKind::Const => match crate::constants::constant_type(self.cx, id) {
                Some(ty) => hir::Expr { ty, span: name.span, kind: H::Const(id) },
                None => self.error(name.span),
            },
            DefKind::Broken => self.error(name.span),
            _ => {
                let loc = self.loc(name.span);
                let declared = self.cx.name_loc(id);
                let mut diagnostic =
                    Diagnostic::error(Code::NotAValue, format!("`{}` is {}, no value", name.text, kind.noun()))
                        .at(loc, "a value is needed")
                        .because(declared, "declared here");
                if matches!(kind, DefKind::Slot | DefKind::Fn | DefKind::Builtin) {
                    diagnostic = diagnostic.help(format!("call it: `{}(...)`", name.text));
                }
                self.report(diagnostic);
                self.error(name.span)
            }
        }
    }

    fn record(&mut self, span: Span, name: &Name, fields: &[(Name, ast::Expr)], want: Option<&Type>) -> hir::Expr {
        let Some(id) = self.cx.resolve_kind(self.at, name, DefKind::Record) else {
            fields.iter().for_each(|(_, value)| drop(self.expr(value, None)));
            return self.error(span);
        };
        let Some(info) = self.cx.records.get(&id).cloned() else { return self.error(span) };
        let args: Vec<crate::ty::Arg> = info.generics.iter().map(|g| self.fresh_arg(g.kind)).collect();
        let ty = Type::Record(id, args.clone());
        if let Some(want) = want {
            // Arguments that the place decides guide the fields; a clash is reported when the whole is demanded.
            if let Type::Record(other, _) = self.table.resolve(want)
                && other == id
            {
                let _ = self.table.fit(&ty, want);
            }
        }
        let declared = info.fields_with(&args);
        let mut values: Vec<Option<hir::Expr>> = declared.iter().map(|_| None).collect();
        for (field, value) in fields {
            let Some(place) = declared.iter().position(|(n, _)| *n == field.text) else {
                self.unknown_field(field, &name.text, declared.iter().map(|(n, _)| n.as_str()));
                self.expr(value, None);
                continue;
            };
            let why = Why { loc: Some(self.cx.name_loc(id)), text: "the record is declared here", code: None };
            let value = self.check(value, &declared[place].1, why);
            if values[place].replace(value).is_some() {
                let loc = self.loc(field.span);
                let message = format!("the field `{}` is given twice", field.text);
                self.report(Diagnostic::error(Code::DuplicateName, message).at(loc, "a second time here"));
            }
        }
        let missing: Vec<&str> =
            declared.iter().zip(&values).filter(|(_, v)| v.is_none()).map(|((n, _), _)| n.as_str()).collect();
        // A name that is wrong most likely is the one that is missing.
        let known = |field: &Name| declared.iter().any(|(n, _)| *n == field.text);
        if !missing.is_empty() && fields.iter().all(|(field, _)| known(field)) {
            let loc = self.loc(name.span);
            let plural = if missing.len() == 1 { "the field" } else { "the fields" };
            let message = format!(
                "{plural} {} of `{}` {} not given",
                crate::cx::list(&missing),
                name.text,
                if missing.len() == 1 { "is" } else { "are" }
            );
            let because = self.cx.name_loc(id);
            self.report(
                Diagnostic::error(Code::MissingField, message).at(loc, "incomplete").because(because, "declared here"),
            );
        }
        let values = values.into_iter().map(|v| v.unwrap_or_else(|| self.error(span))).collect();
        hir::Expr { ty, span, kind: H::Record(values) }
    }

    pub(super) fn fresh_arg(&mut self, kind: crate::decl::Kind) -> crate::ty::Arg {
        use crate::decl::Kind;
        use crate::ty::{Arg, UnitTy};
        let id = self.table.fresh(kind);
        match kind {
            Kind::Labels => Arg::Labels(Labels::Var(id)),
            Kind::Dim | Kind::Dims => Arg::Dim(Dim::Var(id)),
            Kind::Unit => Arg::Unit(UnitTy::Var(id, 1)),
            _ => Arg::Type(Type::Var(id)),
        }
    }

    fn unknown_field<'a>(&mut self, field: &Name, of: &str, known: impl Iterator<Item = &'a str>) {
        let known: Vec<&str> = known.collect();
        let loc = self.loc(field.span);
        let mut diagnostic =
            Diagnostic::error(Code::UnknownField, format!("`{of}` has no field `{}`", field.text)).at(loc, "not found");
        diagnostic = match suggest::nearest(&field.text, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near),
            None => diagnostic.help(format!("it has {}", crate::cx::list(&known))),
        };
        self.report(diagnostic);
    }

    /// The fields of a type, where it has some.
    fn fields(&self, ty: &Type) -> Option<Vec<(String, Type)>> {
        match ty {
            Type::Record(id, args) => self.cx.records.get(id).map(|info| info.fields_with(args)),
            Type::Outputs(fields) => Some(fields.clone()),
            _ => None,
        }
    }

    fn field(&mut self, span: Span, value: &ast::Expr, field: &Name) -> hir::Expr {
        let value = self.expr(value, None);
        let ty = self.table.resolve(&value.ty);
        if ty.is_error() {
            return self.error(span);
        }
        let Some(fields) = self.fields(&ty) else {
            let loc = self.loc(field.span);
            let shown = self.show(&ty);
            let code = if matches!(ty, Type::Var(_)) { Code::CannotInfer } else { Code::UnknownField };
            let mut diagnostic = Diagnostic::error(code, format!("`{shown}` has no field `{}`", field.text))
                .at(loc, "only records have fields");
            if matches!(ty, Type::Ranking(_)) {
                diagnostic = diagnostic.help("`top` gives the best label and its score: `(... |> top).label`");
            }
            self.report(diagnostic);
            return self.error(span);
        };
        match fields.iter().position(|(n, _)| *n == field.text) {
            Some(index) => {
                let ty = fields[index].1.clone();
                hir::Expr { ty, span, kind: H::Field { value: Box::new(value), index } }
            }
            None => {
                let shown = self.show(&ty);
                self.unknown_field(field, &shown, fields.iter().map(|(n, _)| n.as_str()));
                self.error(span)
            }
        }
    }

    fn index(&mut self, span: Span, value: &ast::Expr, index: &ast::Expr) -> hir::Expr {
        let value = self.expr(value, None);
        let ty = self.table.resolve(&value.ty);
        let loc = self.loc(span);
        match ty {
            Type::Error => self.error(span),
            Type::Tensor(_, _, shape) if !shape.is_empty() => {
                let Some(at) = self.constant_int(index) else { return self.error(span) };
                let sliced = self.apply("slice", span, vec![at, at.saturating_add(1)], vec![value]);
                self.apply("first", span, Vec::new(), vec![sliced])
            }
            Type::List(..) => {
                self.report(
                    Diagnostic::error(Code::TypeMismatch, "a list has no element for certain")
                        .at(loc, "indexed here")
                        .help("`get(index)` gives the element, or nothing where there is none"),
                );
                self.error(span)
            }
            other => {
                let shown = self.show(&other);
                self.report(
                    Diagnostic::error(Code::TypeMismatch, format!("`{shown}` cannot be indexed"))
                        .at(loc, "only tensors can"),
                );
                self.error(span)
            }
        }
    }

    fn slice(&mut self, span: Span, value: &ast::Expr, from: &ast::Expr, to: &ast::Expr) -> hir::Expr {
        let value = self.expr(value, None);
        match (self.constant_int(from), self.constant_int(to)) {
            (Some(from), Some(to)) => self.apply("slice", span, vec![from, to], vec![value]),
            _ => self.error(span),
        }
    }

    /// `x in cm`.
    fn convert(&mut self, span: Span, value: &ast::Expr, unit: &ast::UnitExpr) -> hir::Expr {
        let value = self.expr(value, None);
        let Some(target) = crate::decl::units::resolve(self.cx, self.at, unit) else { return self.error(span) };
        let ty = self.table.resolve(&value.ty);
        let Type::Tensor(elem, crate::ty::UnitTy::Is(found), shape) = ty else {
            if !ty.is_error() {
                let (loc, shown) = (self.loc(span), self.show(&ty));
                let message = format!("`{shown}` has no unit to convert");
                self.report(Diagnostic::error(Code::UnitMismatch, message).at(loc, "only numbers have"));
            }
            return self.error(span);
        };
        let factor = found.factor.checked_div(target.factor);
        let loc = self.loc(unit.span);
        match factor {
            Some(factor) if found.same_dimension(&target) => {
                if !self.is_float(&elem) {
                    self.report(
                        Diagnostic::error(Code::TypeMismatch, "only f32 and f64 convert between units")
                            .at(loc, "this is a whole number")
                            .help("`to_f64` before it"),
                    );
                    return self.error(span);
                }
                let ty = Type::Tensor(elem, crate::ty::UnitTy::Is(target), shape);
                hir::Expr { ty, span, kind: H::Convert { value: Box::new(value), factor } }
            }
            _ => {
                let message = format!("`{}` cannot be converted to `{}`", name_of(&found), name_of(&target));
                self.report(Diagnostic::error(Code::UnitMismatch, message).at(loc, "another kind of quantity"));
                self.error(span)
            }
        }
    }
}

/// A unit by name, or words for a plain number.
fn name_of(unit: &crate::units::Unit) -> String {
    let shown = unit.show();
    if shown.is_empty() { "a plain number".to_string() } else { shown }
}
