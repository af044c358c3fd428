//! Operators: arithmetic with units, comparisons, logic.

use super::{Checker, Why};
use crate::hir::{self, ExprKind as H};
use crate::ty::{DType, Dim, Elem, Type, UnitTy};
use crate::units::Unit;
use mu_base::{Code, Diagnostic, Span};
use mu_syntax::ast::{self, BinaryOp, UnaryOp};

impl Checker<'_, '_> {
    pub(super) fn unary(&mut self, span: Span, op: UnaryOp, value: &ast::Expr, want: Option<&Type>) -> hir::Expr {
        match op {
            UnaryOp::Not => {
                let value = self.check(value, &Type::bool(), Why::NONE);
                if value.ty.is_error() {
                    return self.error(span);
                }
                operation(Type::bool(), span, "not", vec![value])
            }
            UnaryOp::Neg => {
                if let ast::ExprKind::Number { value, decimal, unit } = &value.kind {
                    return self.number(span, -*value, *decimal, unit.as_ref(), want);
                }
                let value = self.expr(value, want);
                let ty = self.table.resolve(&value.ty);
                if matches!(ty, Type::Tensor(Elem::Is(DType::U8), ..)) {
                    let loc = self.loc(span);
                    self.report(
                        Diagnostic::error(Code::TypeMismatch, "a `u8` is never negative")
                            .at(loc, "negated here")
                            .help("`to_i64` before it"),
                    );
                    return self.error(span);
                }
                if self.is_number(&ty, span) { operation(ty, span, "neg", vec![value]) } else { self.error(span) }
            }
        }
    }

    /// Reports what is no number or tensor of numbers.
    fn is_number(&mut self, ty: &Type, span: Span) -> bool {
        match ty {
            Type::Error => false,
            Type::Tensor(elem, _, _) if *elem != Elem::Is(DType::Bool) => true,
            _ => {
                let (loc, shown) = (self.loc(span), self.show(ty));
                let code = if matches!(ty, Type::Var(_)) { Code::CannotInfer } else { Code::TypeMismatch };
                let mut diagnostic =
                    Diagnostic::error(code, format!("a number is needed, but this is `{shown}`")).at(loc, "no number");
                if matches!(ty, Type::Option(_)) {
                    diagnostic = diagnostic.help("take the value out with `otherwise(default)` or `match`");
                }
                self.report(diagnostic);
                false
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        span: Span,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        want: Option<&Type>,
    ) -> hir::Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.check(left, &Type::bool(), Why::NONE);
                let right = self.check(right, &Type::bool(), Why::NONE);
                if left.ty.is_error() || right.ty.is_error() {
                    return self.error(span);
                }
                operation(Type::bool(), span, if op == BinaryOp::And { "and" } else { "or" }, vec![left, right])
            }
            BinaryOp::Mul | BinaryOp::Div => self.product(span, op, left, right),
            _ => {
                let adds = matches!(op, BinaryOp::Add | BinaryOp::Sub);
                let (left, right) = self.sides(left, right, if adds { want } else { None });
                if left.ty.is_error() || right.ty.is_error() {
                    return self.error(span);
                }
                match op {
                    BinaryOp::Add | BinaryOp::Sub => self.sum(span, op, op_span, left, right),
                    BinaryOp::Eq | BinaryOp::Ne => self.equal(span, op, op_span, left, right),
                    _ => self.ordered(span, op, op_span, left, right),
                }
            }
        }
    }

    /// Both sides, the literal one last, so that it takes the other's type.
    fn sides(&mut self, left: &ast::Expr, right: &ast::Expr, want: Option<&Type>) -> (hir::Expr, hir::Expr) {
        let guide = |this: &Self, ty: &Type| match this.table.resolve(ty) {
            Type::Tensor(elem, unit, _) => Type::Tensor(elem, unit, Vec::new()),
            other => other,
        };
        if Self::is_literal(left) && !Self::is_literal(right) {
            let right = self.expr(right, want);
            let guide = guide(self, &right.ty);
            let left = self.expr(left, Some(&guide));
            (left, right)
        } else {
            let left = self.expr(left, want);
            let guide = guide(self, &left.ty);
            let right = self.expr(right, Some(&guide));
            (left, right)
        }
    }

    fn sum(&mut self, span: Span, op: BinaryOp, op_span: Span, left: hir::Expr, right: hir::Expr) -> hir::Expr {
        let Some((elem, u, v, shape)) = self.operands(op_span, &left, &right) else { return self.error(span) };
        if let Err(clash) = self.table.fit_unit(&v, &u) {
            self.sides_clash(op_span, &left, &right, clash);
            return self.error(span);
        }
        let ty = Type::Tensor(elem, u, shape);
        operation(ty, span, if op == BinaryOp::Add { "+" } else { "-" }, vec![left, right])
    }

    fn product(&mut self, span: Span, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> hir::Expr {
        let plain = |this: &Self, ty: &Type| match this.table.resolve(ty) {
            Type::Tensor(elem, _, _) => Some(elem),
            _ => None,
        };
        let op_span = Span { start: left.span.end, end: right.span.start };
        let left_expr = self.expr(left, None);
        // A literal factor takes the other side's element type, but keeps its own unit.
        let right_expr = self.expr(right, None);
        if let (Some(a), Some(b)) = (plain(self, &left_expr.ty), plain(self, &right_expr.ty)) {
            let _ = self.table.fit_elem(&b, &a);
        }
        let (left, right) = (left_expr, right_expr);
        if left.ty.is_error() || right.ty.is_error() {
            return self.error(span);
        }
        let Some((elem, u, v, shape)) = self.operands(op_span, &left, &right) else { return self.error(span) };
        let power = if op == BinaryOp::Mul { 1 } else { -1 };
        let unit = match (&u, &v) {
            (UnitTy::Is(u), UnitTy::Is(v)) => u.times(v, power),
            _ => Some(Unit::one()),
        };
        let Some(unit) = unit else {
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(Code::UnitMismatch, "the unit of this product is out of range").at(loc, "here"),
            );
            return self.error(span);
        };
        // What is left of a quotient of one dimension (`cm/m`) is a plain number with the factor multiplied in.
        let name = if op == BinaryOp::Mul { "*" } else { "/" };
        if unit.exponents.is_empty() && unit.factor != mu_base::decimal::Decimal::ONE {
            let factor = unit.factor;
            if !self.is_float(&elem) {
                let (l, r) = (self.show(&left.ty), self.show(&right.ty));
                let message = format!("whole numbers of `{l}` and `{r}` would have to be converted");
                self.report(
                    Diagnostic::error(Code::UnitMismatch, message)
                        .at(self.loc(op_span), "these two sides")
                        .help("`to_f64` both, or keep one unit"),
                );
                return self.error(span);
            }
            let plain = Type::Tensor(elem, UnitTy::Is(Unit::one()), shape);
            let value = operation(plain.clone(), span, name, vec![left, right]);
            return hir::Expr { ty: plain, span, kind: H::Convert { value: Box::new(value), factor } };
        }
        operation(Type::Tensor(elem, UnitTy::Is(unit), shape), span, name, vec![left, right])
    }

    /// Whether an element type is f32 or f64; one that is open becomes so.
    pub(super) fn is_float(&mut self, elem: &Elem) -> bool {
        match elem {
            Elem::Is(dtype) => dtype.is_float(),
            Elem::Var(_) => {
                let float = Elem::Var(self.table.fresh_number(DType::F32));
                self.table.fit_elem(elem, &float).is_ok()
            }
        }
    }

    /// The element type, both units and the shape of two numbers or tensors.
    fn operands(
        &mut self,
        op_span: Span,
        left: &hir::Expr,
        right: &hir::Expr,
    ) -> Option<(Elem, UnitTy, UnitTy, Vec<Dim>)> {
        let (lt, rt) = (self.table.resolve(&left.ty), self.table.resolve(&right.ty));
        if !self.is_number(&lt, left.span) || !self.is_number(&rt, right.span) {
            return None;
        }
        let (Type::Tensor(e, u, s), Type::Tensor(f, v, t)) = (&lt, &rt) else { return None };
        if let Err(clash) = self.same_elem(f, e) {
            self.sides_clash(op_span, left, right, clash);
            return None;
        }
        let shape = self.common_shape(op_span, left, right, s, t)?;
        let Type::Tensor(elem, ..) = self.table.resolve(&left.ty) else { return None };
        Some((elem, u.clone(), v.clone(), shape))
    }

    /// One shape for both, or that of the tensor where the other is a scalar.
    fn common_shape(
        &mut self,
        op_span: Span,
        left: &hir::Expr,
        right: &hir::Expr,
        s: &[Dim],
        t: &[Dim],
    ) -> Option<Vec<Dim>> {
        match (s.is_empty(), t.is_empty()) {
            (_, true) => Some(s.to_vec()),
            (true, _) => Some(t.to_vec()),
            _ => {
                let fit = self.table.fit_shape(t, s).or_else(|_| self.table.fit_shape(s, t));
                if let Err(clash) = fit {
                    self.sides_clash(op_span, left, right, clash);
                    return None;
                }
                Some(s.to_vec())
            }
        }
    }

    fn sides_clash(&mut self, op_span: Span, left: &hir::Expr, right: &hir::Expr, clash: super::fit::Clash) {
        use super::fit::Clash;
        let (l, r) = (self.show(&left.ty), self.show(&right.ty));
        let (code, message) = match clash {
            Clash::Unit => (Code::UnitMismatch, format!("`{l}` and `{r}` have different units")),
            Clash::Shape => (Code::ShapeMismatch, format!("`{l}` and `{r}` have different shapes")),
            Clash::Type => (Code::TypeMismatch, format!("`{l}` and `{r}` do not go together")),
        };
        let mut diagnostic = Diagnostic::error(code, message)
            .at(self.loc(op_span), "these two sides")
            .because(self.loc(left.span), format!("this is `{l}`"))
            .because(self.loc(right.span), format!("this is `{r}`"));
        let found = self.table.resolve(&right.ty);
        let want = self.table.resolve(&left.ty);
        if let Some(help) = self.advice(&found, &want, clash) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    fn equal(&mut self, span: Span, op: BinaryOp, op_span: Span, left: hir::Expr, right: hir::Expr) -> hir::Expr {
        if let Err(clash) = self.table.fit(&right.ty, &left.ty) {
            self.sides_clash(op_span, &left, &right, clash);
            return self.error(span);
        }
        let ty = self.table.resolve(&left.ty);
        if !comparable(self, &ty) {
            let (loc, shown) = (self.loc(op_span), self.show(&ty));
            self.report(
                Diagnostic::error(Code::TypeMismatch, format!("values of `{shown}` cannot be compared"))
                    .at(loc, "not with this")
                    .help("numbers, texts, labels, and options, lists and records of them can"),
            );
            return self.error(span);
        }
        operation(Type::bool(), span, if op == BinaryOp::Eq { "==" } else { "!=" }, vec![left, right])
    }

    fn ordered(&mut self, span: Span, op: BinaryOp, op_span: Span, left: hir::Expr, right: hir::Expr) -> hir::Expr {
        let Some((_, u, v, shape)) = self.operands(op_span, &left, &right) else { return self.error(span) };
        if let Err(clash) = self.table.fit_unit(&v, &u) {
            self.sides_clash(op_span, &left, &right, clash);
            return self.error(span);
        }
        let ty = Type::Tensor(Elem::Is(DType::Bool), UnitTy::Is(Unit::one()), shape);
        let name = match op {
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            _ => ">=",
        };
        operation(ty, span, name, vec![left, right])
    }
}

fn comparable(checker: &Checker, ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Label(_) | Type::Error => true,
        Type::Tensor(_, _, shape) => shape.is_empty(),
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => comparable(checker, inner),
        Type::Record(id, args) => checker
            .cx
            .records
            .get(id)
            .is_some_and(|info| info.fields_with(args).iter().all(|(_, ty)| comparable(checker, ty))),
        // What an option holds may still be open, as in `x == none`.
        Type::Var(_) => true,
        _ => false,
    }
}

fn operation(ty: Type, span: Span, name: &str, args: Vec<hir::Expr>) -> hir::Expr {
    hir::Expr { ty, span, kind: H::Builtin { name: name.to_string(), consts: Vec::new(), args } }
}
