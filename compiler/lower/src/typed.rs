//! What this crate reads of a typed program.

use mu_analysis::Analysis;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_analysis::ty::{Dim, Elem, Type};
use mu_base::{Loc, Span};
use std::collections::BTreeMap;

/// A typed program without errors.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub functions: &'a BTreeMap<DefId, hir::Function>,
    pub slots: &'a BTreeMap<DefId, hir::Slot>,
    pub cards: &'a BTreeMap<DefId, hir::Card>,
    pub constants: &'a BTreeMap<DefId, hir::Constant>,
    pub facts: &'a dyn Facts,
}

/// What only the checker can tell.
pub trait Facts {
    /// The fields of a record type, its arguments put in.
    fn fields(&self, record: &Type) -> Vec<(String, Type)>;
    /// Where a span of an item stands in its file; `None` for items without a name.
    fn place(&self, item: DefId, span: Span) -> Option<Loc>;
}

impl Facts for Analysis {
    fn fields(&self, record: &Type) -> Vec<(String, Type)> {
        self.record_fields(record)
    }

    fn place(&self, item: DefId, span: Span) -> Option<Loc> {
        let def = self.names.defs.get(item.0 as usize)?;
        self.modules.get(def.module).map(|module| module.loc(def.item, span))
    }
}

impl Typed<'_> {
    /// The cards that may fill a slot, whatever it requires: the same task with the same arguments.
    pub fn candidates(&self, slot: &hir::Slot) -> Vec<DefId> {
        self.cards.iter().filter(|(_, card)| card.task.same(&slot.task)).map(|(id, _)| *id).collect()
    }
}

/// The number of a dimension that is known when the program is built; of a bounded one, the bound.
pub(crate) fn known(dim: &Dim) -> Option<u64> {
    match dim {
        Dim::Is(n) => Some(*n),
        Dim::UpTo(bound) => known(bound),
        Dim::Add(a, b) => known(a)?.checked_add(known(b)?),
        Dim::Sub(a, b) => known(a)?.checked_sub(known(b)?),
        Dim::Any | Dim::Var(_) | Dim::Rest(_) => None,
    }
}

/// The element type of a tensor.
pub(crate) fn dtype(elem: &Elem) -> Option<mu_format::tensor::DType> {
    match elem {
        Elem::Is(dtype) => Some(*dtype),
        Elem::Var(_) => None,
    }
}
