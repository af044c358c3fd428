//! Walks over typed bodies.

use crate::hir::{Block, Expr, ExprKind};

/// Every expression of a block, outer ones first, in the order of the source.
pub fn block<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Expr)) {
    let lets = block.lets.iter().map(|(_, value)| value);
    for value in lets.chain(&block.nexts).chain([&*block.value]) {
        expr(value, see);
    }
}

/// Every expression in an expression and itself, outer ones first. As deep as the syntax, whose nesting is limited.
pub fn expr<'a>(e: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(e);
    for part in parts(e) {
        expr(part, see);
    }
    for inner in blocks(e) {
        block(inner, see);
    }
}

/// The expressions directly inside, without those in blocks.
pub fn parts(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Some(x) | ExprKind::Ok(x) | ExprKind::Err(x) => vec![x],
        ExprKind::Field { value, .. } | ExprKind::Convert { value, .. } => vec![value],
        ExprKind::List(list) | ExprKind::Record(list) => list.iter().collect(),
        ExprKind::Builtin { args, .. }
        | ExprKind::Call { args, .. }
        | ExprKind::Slot { args, .. }
        | ExprKind::Infer { args } => args.iter().collect(),
        ExprKind::If { condition, .. } => vec![condition],
        ExprKind::Match { subject, present, absent, .. } => vec![subject, present, absent],
        ExprKind::Choose { subject, arms, otherwise } => {
            let arms = arms.iter().flat_map(|(pattern, value)| [pattern, value]);
            std::iter::once(&**subject).chain(arms).chain([&**otherwise]).collect()
        }
        ExprKind::For { list, filter, .. } => std::iter::once(&**list).chain(filter.as_deref()).collect(),
        ExprKind::Scan { list, states, .. } => {
            std::iter::once(&**list).chain(states.iter().map(|(_, init)| init)).collect()
        }
        ExprKind::Error
        | ExprKind::Number(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Label(_)
        | ExprKind::None
        | ExprKind::File(_)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::Tensor(_) => Vec::new(),
    }
}

/// The blocks directly inside.
pub fn blocks(e: &Expr) -> Vec<&Block> {
    match &e.kind {
        ExprKind::If { then, otherwise, .. } => vec![then, otherwise],
        ExprKind::For { body, .. } | ExprKind::Scan { body, .. } => vec![body],
        _ => Vec::new(),
    }
}
