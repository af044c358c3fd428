//! Literals take the type of their place, where it is one of theirs.

use super::fit::Clash;
use super::{Checker, Why};
use crate::decl::Kind;
use crate::hir::{self, ExprKind as H};
use crate::ty::{DType, Dim, Elem, Labels, Type, UnitTy};
use crate::units::Unit;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span, suggest};
use mu_syntax::ast::{self, UnitExpr};

impl Checker<'_, '_> {
    pub(super) fn number(
        &mut self,
        span: Span,
        value: Decimal,
        decimal: bool,
        unit: Option<&UnitExpr>,
        want: Option<&Type>,
    ) -> hir::Expr {
        let want = want.map(|w| self.table.resolve(w));
        let (want_elem, want_unit) = match &want {
            Some(Type::Tensor(elem, unit, shape)) if shape.is_empty() => (Some(elem.clone()), Some(unit.clone())),
            _ => (None, None),
        };
        let given = match unit {
            Some(unit) => match crate::decl::units::resolve(self.cx, self.at, unit) {
                Some(given) => given,
                None => return self.error(span),
            },
            None => Unit::one(),
        };
        let (value, unit_ty) = match self.literal_unit(span, value, unit.is_some(), given, want_unit) {
            Some(pair) => pair,
            None => return self.error(span),
        };
        let decimal = decimal || !value.fract().is_zero();
        let elem = match want_elem {
            Some(Elem::Is(dtype)) if dtype != DType::Bool => {
                if let Err(why) = fits(value, dtype) {
                    let loc = self.loc(span);
                    self.report(
                        Diagnostic::error(Code::BadLiteral, format!("this number is no `{}`: {why}", dtype.name()))
                            .at(loc, format!("`{}` is needed here", dtype.name())),
                    );
                    return self.error(span);
                }
                Elem::Is(dtype)
            }
            Some(Elem::Var(id)) => {
                let own = self.table.fresh_number(if decimal { DType::F32 } else { DType::I64 });
                // Where the place wants whole numbers, the demand that follows says so.
                let _ = self.table.fit_elem(&Elem::Var(own), &Elem::Var(id));
                Elem::Var(own)
            }
            _ => Elem::Var(self.table.fresh_number(if decimal { DType::F32 } else { DType::I64 })),
        };
        hir::Expr { ty: Type::Tensor(elem, unit_ty, Vec::new()), span, kind: H::Number(value) }
    }

    /// The value in the unit of its place, and that unit.
    fn literal_unit(
        &mut self,
        span: Span,
        value: Decimal,
        written: bool,
        given: Unit,
        want: Option<UnitTy>,
    ) -> Option<(Decimal, UnitTy)> {
        let loc = self.loc(span);
        let (value, given) =
            if given.exponents.is_empty() { (value.checked_mul(given.factor)?, Unit::one()) } else { (value, given) };
        match want {
            Some(UnitTy::Is(want)) if want != given => {
                if want.same_dimension(&given) {
                    let converted = value.checked_mul(given.factor).and_then(|v| v.checked_div(want.factor));
                    if let Some(converted) = converted {
                        return Some((converted.normalize(), UnitTy::Is(want)));
                    }
                }
                if !written && !want.is_one() {
                    let unit = want.show();
                    let end = mu_base::Loc { span: Span { start: loc.span.end, end: loc.span.end }, ..loc };
                    self.report(
                        Diagnostic::error(Code::UnitMismatch, format!("a number in `{unit}` is needed"))
                            .at(loc, "this has no unit")
                            .help(format!("write `{value} {unit}`, or whatever unit it is in"))
                            .fix(format!("add `{unit}`"), end, format!(" {unit}")),
                    );
                    return None;
                }
                let found =
                    if given.is_one() { "a plain number".to_string() } else { format!("in `{}`", given.show()) };
                let needed =
                    if want.is_one() { "a plain number".to_string() } else { format!("a number in `{}`", want.show()) };
                self.report(
                    Diagnostic::error(Code::UnitMismatch, format!("{needed} is needed, but this is {found}"))
                        .at(loc, "another unit"),
                );
                None
            }
            _ => Some((value, UnitTy::Is(given))),
        }
    }

    pub(super) fn text(&mut self, span: Span, text: &str, want: Option<&Type>) -> hir::Expr {
        if let Some(Type::Label(Labels::Is(set))) = want.map(|w| self.table.resolve(w)) {
            return match set.index(text) {
                Some(index) => hir::Expr { ty: Type::Label(Labels::Is(set)), span, kind: H::Label(index) },
                None => {
                    let loc = self.loc(span);
                    let mut diagnostic =
                        Diagnostic::error(Code::UnknownLabel, format!("`{text}` is no label of `{}`", set.name))
                            .at(loc, "not in the set");
                    if let Some(near) = suggest::nearest(text, set.labels.iter().map(String::as_str)) {
                        diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(
                            format!("write `{near}`"),
                            loc,
                            format!("{near:?}"),
                        );
                    }
                    self.report(diagnostic);
                    self.error(span)
                }
            };
        }
        hir::Expr { ty: Type::Text, span, kind: H::Text(text.to_string()) }
    }

    pub(super) fn list(&mut self, span: Span, items: &[ast::Expr], want: Option<&Type>) -> hir::Expr {
        let length = Dim::Is(items.len() as u64);
        match want.map(|w| self.table.resolve(w)) {
            Some(Type::Tensor(elem, unit, shape)) if shape.len() == 1 => {
                let scalar = Type::Tensor(elem.clone(), unit.clone(), Vec::new());
                let mut values = Vec::new();
                for item in items {
                    let checked = self.check(item, &scalar, Why::NONE);
                    match literal_value(&checked) {
                        Some(value) => values.push(value),
                        None if checked.ty.is_error() => {}
                        None => {
                            let loc = self.loc(item.span);
                            self.report(
                                Diagnostic::error(Code::NotConstant, "a vector in brackets holds numbers only")
                                    .at(loc, "this is no number literal")
                                    .help("`stack` makes a tensor of a list of computed values"),
                            );
                        }
                    }
                }
                hir::Expr { ty: Type::Tensor(elem, unit, vec![length]), span, kind: H::Tensor(values) }
            }
            other => {
                let mut element = match other {
                    Some(Type::List(element, _)) => *element,
                    _ => Type::Var(self.table.fresh(Kind::Type)),
                };
                let mut values = Vec::new();
                for item in items {
                    let value = self.check(item, &element, Why { loc: None, text: "", code: None });
                    if matches!(element, Type::Var(_)) {
                        element = value.ty.clone();
                    }
                    values.push(value);
                }
                hir::Expr { ty: Type::List(Box::new(element), length), span, kind: H::List(values) }
            }
        }
    }

    /// An integer known at compile time: a literal, or a constant that is one.
    pub(super) fn constant_int(&mut self, expr: &ast::Expr) -> Option<i64> {
        let want = Type::scalar(DType::I64);
        let value = self.check(expr, &want, Why::NONE);
        if value.ty.is_error() {
            return None;
        }
        let number = match &value.kind {
            H::Const(id) => self.cx.constants.get(id).and_then(|c| literal_value(&c.body.block.value)),
            _ => literal_value(&value),
        };
        let int = number.and_then(|n| i64::try_from(n).ok()).filter(|n| *n >= 0);
        if int.is_none() {
            let loc = self.loc(expr.span);
            let diagnostic = match number {
                Some(number) if number.is_sign_negative() => {
                    Diagnostic::error(Code::NotConstant, "a size or a place cannot be negative").at(loc, "less than 0")
                }
                _ => Diagnostic::error(Code::NotConstant, "a whole number known at compile time is needed here")
                    .at(loc, "this is none")
                    .help("dimensions are fixed when the program is compiled: write a number, or name a `const`"),
            };
            self.report(diagnostic);
        }
        int
    }

    /// Whether an expression is a number literal, whose unit adapts to the other side of an operator.
    pub(super) fn is_literal(expr: &ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Number { .. } | ast::ExprKind::Text(_) => true,
            ast::ExprKind::Unary { op: ast::UnaryOp::Neg, value } => Self::is_literal(value),
            _ => false,
        }
    }

    /// Fits two element types, either way.
    pub(super) fn same_elem(&mut self, a: &Elem, b: &Elem) -> Result<(), Clash> {
        self.table.fit_elem(a, b)
    }
}

/// The value of a checked number literal.
pub(crate) fn literal_value(expr: &hir::Expr) -> Option<Decimal> {
    match &expr.kind {
        H::Number(value) => Some(*value),
        H::Builtin { name, args, .. } if name == "neg" => args.first().and_then(literal_value).map(|v| -v),
        _ => None,
    }
}

pub(super) fn fits(value: Decimal, dtype: DType) -> Result<(), &'static str> {
    let whole = |low: i64, high: i64| {
        if !value.fract().is_zero() {
            Err("it has a fraction")
        } else if i64::try_from(value.trunc()).is_ok_and(|v| (low..=high).contains(&v)) {
            Ok(())
        } else {
            Err("it is out of range")
        }
    };
    match dtype {
        DType::U8 => whole(0, 255),
        DType::I32 => whole(i32::MIN as i64, i32::MAX as i64),
        DType::I64 => whole(i64::MIN, i64::MAX),
        _ => Ok(()),
    }
}
