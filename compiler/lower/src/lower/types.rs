//! Types of the language to types of the IR: units go, label sets become numbers, records become structural, and the vector
//! of a slot becomes the one its chosen card gives.

use super::Lowering;
use crate::error::Error;
use crate::graph::{Filled, Filling};
use crate::typed::{dtype, known};
use mu_analysis::ty::{self, LabelSet, Labels, SlotTy};
use mu_format::MAX_DEPTH;
use mu_format::types::{Dim, Type};
use std::sync::Arc;

impl Lowering<'_> {
    /// The type in the IR under a choice of cards.
    pub(super) fn ty(&mut self, ty: &ty::Type, choice: &Filling) -> Result<Type, Error> {
        self.nested(ty, choice, 0)
    }

    fn nested(&mut self, ty: &ty::Type, choice: &Filling, depth: u32) -> Result<Type, Error> {
        if depth == MAX_DEPTH {
            return Err(Error::internal(format!("a type nests deeper than {MAX_DEPTH}")));
        }
        let depth = depth + 1;
        let fields = |own: &mut Self, fields: &[(String, ty::Type)]| {
            let fields = fields.iter().map(|(name, ty)| Ok((name.clone(), own.nested(ty, choice, depth)?)));
            fields.collect::<Result<_, Error>>().map(Type::Record)
        };
        Ok(match ty {
            ty::Type::Text => Type::Text,
            ty::Type::Bytes => Type::Bytes,
            ty::Type::Image => Type::Image,
            ty::Type::Audio => Type::Audio,
            ty::Type::Label(Labels::Is(set)) => Type::Label(self.labels(set)),
            ty::Type::Ranking(Labels::Is(set)) => Type::Ranking(self.labels(set)),
            ty::Type::Option(inner) => Type::Option(Box::new(self.nested(inner, choice, depth)?)),
            ty::Type::Result(inner) => Type::Result(Box::new(self.nested(inner, choice, depth)?)),
            ty::Type::List(inner, bound) => {
                let bound = known(bound).ok_or_else(|| Error::internal(format!("a list without a bound: {ty:?}")))?;
                Type::List(Box::new(self.nested(inner, choice, depth)?), bound)
            }
            ty::Type::Tensor(elem, _, dims) => {
                let dtype = dtype(elem).ok_or_else(|| Error::internal(format!("an open type: {ty:?}")))?;
                Type::Tensor(dtype, dims.iter().map(dim).collect::<Result<_, _>>()?)
            }
            ty::Type::Record(..) => fields(self, &self.typed.facts.fields(ty))?,
            ty::Type::Outputs(outputs) => fields(self, outputs)?,
            ty::Type::Embedding(SlotTy::Is(slot)) => {
                let card = match choice.0.get(slot) {
                    Some(Filled::Card(card)) => self.typed.cards.get(card),
                    _ => None,
                };
                let card = card.ok_or_else(|| Error::internal("a vector of a slot that has no model"))?;
                self.nested(&card.adapter.result, choice, depth)?
            }
            ty::Type::Embedding(SlotTy::Itself) => {
                let vector = self.itself.clone().ok_or_else(|| Error::internal("a vector of no model"))?;
                self.nested(&vector, choice, depth)?
            }
            ty::Type::Error
            | ty::Type::Var(_)
            | ty::Type::Label(Labels::Var(_))
            | ty::Type::Ranking(Labels::Var(_))
            | ty::Type::Embedding(_) => return Err(Error::internal(format!("an open type: {ty:?}"))),
        })
    }

    /// The number of a label set; equal sets have one number.
    fn labels(&mut self, set: &Arc<LabelSet>) -> u32 {
        let known = self.sets.iter().position(|other| Arc::ptr_eq(other, set) || other == set);
        let place = known.unwrap_or_else(|| {
            self.sets.push(set.clone());
            self.sets.len() - 1
        });
        place as u32
    }
}

fn dim(dim: &ty::Dim) -> Result<Dim, Error> {
    let found = match dim {
        ty::Dim::Any => Some(Dim::Any),
        ty::Dim::UpTo(bound) if **bound == ty::Dim::Any => Some(Dim::Any),
        ty::Dim::UpTo(bound) => known(bound).map(Dim::UpTo),
        ty::Dim::Add(a, b) | ty::Dim::Sub(a, b) if run_time(a) || run_time(b) => known(dim).map(Dim::UpTo),
        _ => known(dim).map(Dim::Is),
    };
    found.ok_or_else(|| Error::internal(format!("an open dimension: {dim:?}")))
}

/// Whether the dimension is only bounded when the program is built.
fn run_time(dim: &ty::Dim) -> bool {
    match dim {
        ty::Dim::UpTo(_) | ty::Dim::Any => true,
        ty::Dim::Add(a, b) | ty::Dim::Sub(a, b) => run_time(a) || run_time(b),
        ty::Dim::Is(_) | ty::Dim::Var(_) | ty::Dim::Rest(_) => false,
    }
}
