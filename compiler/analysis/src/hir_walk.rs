//! Walks over typed bodies.

use crate::hir::{Block, Expr, ExprKind as H};

/// Every expression of a block, outer ones first.
pub fn block(block: &Block, visit: &mut dyn FnMut(&Expr)) {
    block.lets.iter().for_each(|(_, value)| expr(value, visit));
    block.nexts.iter().for_each(|value| expr(value, visit));
    expr(&block.value, visit);
}

/// Every expression in an expression and itself, outer ones first. As deep as the syntax, whose nesting is limited.
pub fn expr(e: &Expr, visit: &mut dyn FnMut(&Expr)) {
    visit(e);
    match &e.kind {
        H::Some(e) | H::Ok(e) | H::Err(e) | H::Field { value: e, .. } | H::Convert { value: e, .. } => expr(e, visit),
        H::List(list)
        | H::Record(list)
        | H::Builtin { args: list, .. }
        | H::Call { args: list, .. }
        | H::Slot { args: list, .. }
        | H::Infer { args: list } => list.iter().for_each(|e| expr(e, visit)),
        H::If { condition, then, otherwise, .. } => {
            expr(condition, visit);
            block(then, visit);
            block(otherwise, visit);
        }
        H::Match { subject, present, absent, .. } => {
            expr(subject, visit);
            expr(present, visit);
            expr(absent, visit);
        }
        H::Choose { subject, arms, otherwise } => {
            expr(subject, visit);
            arms.iter().for_each(|(key, value)| {
                expr(key, visit);
                expr(value, visit);
            });
            expr(otherwise, visit);
        }
        H::For { list, filter, body, .. } => {
            expr(list, visit);
            filter.iter().for_each(|f| expr(f, visit));
            block(body, visit);
        }
        H::Scan { list, states, body, .. } => {
            expr(list, visit);
            states.iter().for_each(|(_, e)| expr(e, visit));
            block(body, visit);
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
}
