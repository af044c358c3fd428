//! Walks over typed bodies: every expression once, outer ones first, in the order of the source.

use crate::typed::Facts;
use mu_analysis::hir::{Body, Expr};
pub(crate) use mu_analysis::hir_walk::parts;
use mu_analysis::names::DefId;
use mu_analysis::ty::{SlotTy, Type};
use std::collections::HashSet;

/// Calls `see` with every expression of a body.
pub(crate) fn body<'a>(body: &'a Body, see: &mut dyn FnMut(&'a Expr)) {
    mu_analysis::hir_walk::block(&body.block, see);
}

/// Finds the slots whose vectors types speak of. A record is looked into once, however many types name it.
pub(crate) struct SlotsIn<'a> {
    facts: &'a dyn Facts,
    records: HashSet<Type>,
}

/// More record types than a checked program has in one type: what is left comes from a declaration that has no end.
const MOST_RECORDS: usize = 10_000;

impl<'a> SlotsIn<'a> {
    pub fn new(facts: &'a dyn Facts) -> SlotsIn<'a> {
        SlotsIn { facts, records: HashSet::new() }
    }

    /// Calls `see` with the slots of a type that no type before named. A type that nests deeper than any value may is not
    /// followed further.
    pub fn walk(&mut self, ty: &Type, see: &mut dyn FnMut(DefId)) {
        self.inner(ty, 0, see);
    }

    fn inner(&mut self, ty: &Type, depth: u32, see: &mut dyn FnMut(DefId)) {
        if depth == mu_format::MAX_DEPTH {
            return;
        }
        let depth = depth + 1;
        match ty {
            Type::Embedding(SlotTy::Is(slot)) => see(*slot),
            Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => self.inner(inner, depth, see),
            Type::Record(..) if self.is_new(ty) => {
                self.facts.fields(ty).iter().for_each(|(_, inner)| self.inner(inner, depth, see));
            }
            Type::Outputs(outputs) => outputs.iter().for_each(|(_, inner)| self.inner(inner, depth, see)),
            _ => {}
        }
    }

    /// Remembers a record; whether it was not known.
    fn is_new(&mut self, record: &Type) -> bool {
        self.records.len() < MOST_RECORDS && self.records.insert(record.clone())
    }
}
