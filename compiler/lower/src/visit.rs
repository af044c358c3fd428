//! Walks over typed bodies: every expression once, outer ones first, in the order of the source.

use crate::typed::Facts;
use mu_analysis::hir::{Block, Body, Expr, ExprKind};
use mu_analysis::names::DefId;
use mu_analysis::ty::{SlotTy, Type};

/// Calls `see` with every expression of a body.
pub(crate) fn body<'a>(body: &'a Body, see: &mut dyn FnMut(&'a Expr)) {
    block(&body.block, see);
}

fn block<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Expr)) {
    let lets = block.lets.iter().map(|(_, value)| value);
    for value in lets.chain(&block.nexts).chain([&*block.value]) {
        expr(value, see);
    }
}

fn expr<'a>(e: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(e);
    for part in parts(e) {
        expr(part, see);
    }
    for inner in blocks(e) {
        block(inner, see);
    }
}

/// The expressions directly inside, without those in blocks.
pub(crate) fn parts(e: &Expr) -> Vec<&Expr> {
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
pub(crate) fn blocks(e: &Expr) -> Vec<&Block> {
    match &e.kind {
        ExprKind::If { then, otherwise, .. } => vec![then, otherwise],
        ExprKind::For { body, .. } | ExprKind::Scan { body, .. } => vec![body],
        _ => Vec::new(),
    }
}

/// The slots whose vectors a type speaks of. A type that nests deeper than any value may is not followed further.
pub(crate) fn slots_in(ty: &Type, facts: &dyn Facts, depth: u32, see: &mut dyn FnMut(DefId)) {
    if depth == mu_format::MAX_DEPTH {
        return;
    }
    let depth = depth + 1;
    match ty {
        Type::Embedding(SlotTy::Is(slot)) => see(*slot),
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => slots_in(inner, facts, depth, see),
        Type::Record(..) => facts.fields(ty).iter().for_each(|(_, inner)| slots_in(inner, facts, depth, see)),
        Type::Outputs(outputs) => outputs.iter().for_each(|(_, inner)| slots_in(inner, facts, depth, see)),
        _ => {}
    }
}
