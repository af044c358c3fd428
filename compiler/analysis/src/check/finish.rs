//! The end of a body: literals get their defaults, types their solutions, and the proof that nothing was left open.

use super::{Checked, Checker, Place};
use crate::hir::{self, ExprKind as H, LocalId};
use crate::ty::{Arg, Dim, Elem, Labels, SlotTy, Type, UnitTy};
use mu_base::{Code, Diagnostic, Span};

impl Checker<'_, '_> {
    pub(super) fn finish(mut self, params: Vec<LocalId>, mut block: hir::Block) -> Checked {
        self.table.apply_defaults();
        let mut open: Option<Span> = None;
        // What is wrong already may be why a type is open.
        let mut broken = self.cx.diagnostics.len() > self.errors_before;
        let mut out_of_range: Vec<(Span, crate::ty::DType, &str)> = Vec::new();
        let mut asserts = std::mem::take(&mut self.asserts);
        {
            let table = &self.table;
            let mut visit = |expr: &mut hir::Expr| {
                expr.ty = table.resolve(&expr.ty);
                if let (H::Number(value), Type::Tensor(Elem::Is(dtype), ..)) = (&expr.kind, &expr.ty)
                    && let Err(why) = super::literal::fits(*value, *dtype)
                {
                    out_of_range.push((expr.span, *dtype, why));
                }
                broken |= expr.ty.is_error();
                if open.is_none() && is_open(&expr.ty) {
                    open = Some(expr.span);
                }
            };
            walk_block(&mut block, &mut visit);
            for (expr, _, _) in &mut asserts {
                walk(expr, &mut visit);
            }
        }
        for (span, dtype, why) in out_of_range {
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(Code::BadLiteral, format!("this number is no `{}`: {why}", dtype.name()))
                    .at(loc, format!("it is `{}` by how it is used", dtype.name())),
            );
        }
        if let Some(span) = open.filter(|_| !broken) {
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(Code::CannotInfer, "the type of this is not determined")
                    .at(loc, "of which type?")
                    .help("name it with a type: `let x: Option<f32> = none`"),
            );
        }
        if self.place != Place::Metric {
            self.unused();
        }
        let used = std::mem::take(&mut self.used);
        let resolve = |list: &Vec<Type>| list.iter().map(|ty| self.table.resolve(ty)).collect();
        let used = used.iter().map(|(i, o)| (resolve(i), resolve(o))).collect();
        let locals: Vec<hir::Local> = self
            .locals
            .iter()
            .map(|l| hir::Local { name: l.name.clone(), ty: self.table.resolve(&l.ty), span: l.span })
            .collect();
        let result = block.value.ty.clone();
        Checked { body: hir::Body { item: self.item, locals, params, result, block }, asserts, used }
    }

    fn unused(&mut self) {
        let unused: Vec<(String, Span)> = self
            .locals
            .iter()
            .filter(|l| l.check && !l.used && !l.name.starts_with('_') && !l.ty.is_error())
            .map(|l| (l.name.clone(), l.span))
            .collect();
        for (name, span) in unused {
            let loc = self.loc(span);
            self.report(
                Diagnostic::warning(Code::UnusedName, format!("`{name}` is never used"))
                    .at(loc, "named here")
                    .help(format!("remove it, or call it `_{name}`"))
                    .fix(format!("write `_{name}`"), loc, format!("_{name}")),
            );
        }
    }
}

fn walk_block(block: &mut hir::Block, visit: &mut impl FnMut(&mut hir::Expr)) {
    for (_, value) in &mut block.lets {
        walk(value, visit);
    }
    for next in &mut block.nexts {
        walk(next, visit);
    }
    walk(&mut block.value, visit);
}

/// Every expression, inner ones first. As deep as the syntax, whose nesting is limited.
fn walk(expr: &mut hir::Expr, visit: &mut impl FnMut(&mut hir::Expr)) {
    match &mut expr.kind {
        H::Some(e) | H::Ok(e) | H::Err(e) | H::Field { value: e, .. } | H::Convert { value: e, .. } => walk(e, visit),
        H::List(list)
        | H::Record(list)
        | H::Builtin { args: list, .. }
        | H::Call { args: list, .. }
        | H::Slot { args: list, .. }
        | H::Infer { args: list } => list.iter_mut().for_each(|e| walk(e, visit)),
        H::If { condition, then, otherwise, .. } => {
            walk(condition, visit);
            walk_block(then, visit);
            walk_block(otherwise, visit);
        }
        H::Match { subject, present, absent, .. } => {
            walk(subject, visit);
            walk(present, visit);
            walk(absent, visit);
        }
        H::Choose { subject, arms, otherwise } => {
            walk(subject, visit);
            for (key, value) in arms {
                walk(key, visit);
                walk(value, visit);
            }
            walk(otherwise, visit);
        }
        H::For { list, filter, body, .. } => {
            walk(list, visit);
            if let Some(filter) = filter {
                walk(filter, visit);
            }
            walk_block(body, visit);
        }
        H::Scan { list, states, body, .. } => {
            walk(list, visit);
            states.iter_mut().for_each(|(_, e)| walk(e, visit));
            walk_block(body, visit);
        }
        H::Error
        | H::Number(_)
        | H::Bool(_)
        | H::Text(_)
        | H::Label(_)
        | H::None
        | H::File(_)
        | H::Local(_)
        | H::Const(_)
        | H::Tensor(_) => {}
    }
    visit(expr);
}

/// Whether a type still has a variable.
fn is_open(ty: &Type) -> bool {
    match ty {
        Type::Var(_) => true,
        Type::Tensor(elem, unit, shape) => {
            matches!(elem, Elem::Var(_)) || matches!(unit, UnitTy::Var(..)) || shape.iter().any(open_dim)
        }
        Type::Label(set) | Type::Ranking(set) => matches!(set, Labels::Var(_)),
        Type::Option(inner) | Type::Result(inner) => is_open(inner),
        Type::List(inner, bound) => is_open(inner) || open_dim(bound),
        Type::Record(_, args) => args.iter().any(|a| match a {
            Arg::Type(ty) => is_open(ty),
            Arg::Labels(set) => matches!(set, Labels::Var(_)),
            Arg::Dim(dim) => open_dim(dim),
            Arg::Unit(unit) => matches!(unit, UnitTy::Var(..)),
        }),
        Type::Outputs(fields) => fields.iter().any(|(_, ty)| is_open(ty)),
        Type::Embedding(slot) => matches!(slot, SlotTy::Var(_)),
        Type::Error | Type::Text | Type::Bytes | Type::Image | Type::Audio => false,
    }
}

fn open_dim(dim: &Dim) -> bool {
    match dim {
        Dim::Var(_) | Dim::Rest(_) => true,
        Dim::UpTo(inner) => open_dim(inner),
        Dim::Add(a, b) | Dim::Sub(a, b) => open_dim(a) || open_dim(b),
        Dim::Is(_) | Dim::Any => false,
    }
}
