//! Walks over typed bodies: every expression once, outer ones first, in the order of the source.

use crate::typed::Facts;
use mu_analysis::hir::{Body, Expr};
pub(crate) use mu_analysis::hir_walk::parts;
use mu_analysis::names::DefId;
use mu_analysis::ty::{SlotTy, Type};

/// Calls `see` with every expression of a body.
pub(crate) fn body<'a>(body: &'a Body, see: &mut dyn FnMut(&'a Expr)) {
    mu_analysis::hir_walk::block(&body.block, see);
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
