//! Whether a value's type fits its place, solving variables on the way.
//!
//! Fitting is equality but for bounds: `[28]` fits `[<= 960]`, `[<= 5]` fits `[_]`, a list of at most 4 fits one of at most 16.

use super::table::{Solution, Table};
use crate::decl::Kind;
use crate::ty::{Arg, DType, Dim, Elem, Labels, SlotTy, Type, UnitTy};
use crate::units::Unit;

/// In what two types disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clash {
    Unit,
    Shape,
    Type,
}

impl Table {
    pub fn fit(&mut self, found: &Type, wanted: &Type) -> Result<(), Clash> {
        let found = self.resolve(found);
        let wanted = self.resolve(wanted);
        match (&found, &wanted) {
            (Type::Error, _) | (_, Type::Error) => Ok(()),
            (Type::Var(a), Type::Var(b)) => {
                self.link(*a, *b);
                Ok(())
            }
            (Type::Var(id), other) | (other, Type::Var(id)) => {
                if self.kind(*id) == Kind::Record && !matches!(other, Type::Record(..)) {
                    return Err(Clash::Type);
                }
                if holds(other, *id) {
                    return Err(Clash::Type);
                }
                self.solve(*id, Solution::Type(other.clone()));
                Ok(())
            }
            (Type::Tensor(e1, u1, s1), Type::Tensor(e2, u2, s2)) => {
                self.fit_elem(e1, e2)?;
                self.fit_shape(s1, s2)?;
                self.fit_unit(u1, u2)
            }
            (Type::Label(a), Type::Label(b)) | (Type::Ranking(a), Type::Ranking(b)) => self.fit_labels(a, b),
            (Type::Option(a), Type::Option(b)) | (Type::Result(a), Type::Result(b)) => self.fit(a, b),
            (Type::List(a, n), Type::List(b, m)) => {
                self.fit(a, b)?;
                self.fit_bound(n, m)
            }
            (Type::Record(a, xs), Type::Record(b, ys)) if a == b => {
                xs.iter().zip(ys).try_for_each(|(x, y)| self.fit_arg(x, y))
            }
            (Type::Embedding(a), Type::Embedding(b)) => self.fit_slot(a, b),
            (Type::Outputs(xs), Type::Outputs(ys)) if xs.len() == ys.len() => {
                xs.iter().zip(ys).try_for_each(|((_, x), (_, y))| self.fit(x, y))
            }
            _ if found == wanted => Ok(()),
            _ => Err(Clash::Type),
        }
    }

    fn fit_arg(&mut self, found: &Arg, wanted: &Arg) -> Result<(), Clash> {
        match (found, wanted) {
            (Arg::Type(a), Arg::Type(b)) => self.fit(a, b),
            (Arg::Labels(a), Arg::Labels(b)) => self.fit_labels(a, b),
            (Arg::Dim(a), Arg::Dim(b)) => self.fit_dim(a, b),
            (Arg::Unit(a), Arg::Unit(b)) => self.fit_unit(a, b),
            _ => Err(Clash::Type),
        }
    }

    pub fn fit_labels(&mut self, found: &Labels, wanted: &Labels) -> Result<(), Clash> {
        match (found, wanted) {
            (Labels::Is(a), Labels::Is(b)) if std::sync::Arc::ptr_eq(a, b) || a == b => Ok(()),
            (Labels::Is(_), Labels::Is(_)) => Err(Clash::Type),
            (Labels::Var(a), Labels::Var(b)) => {
                self.link(*a, *b);
                Ok(())
            }
            (Labels::Var(id), Labels::Is(set)) | (Labels::Is(set), Labels::Var(id)) => {
                self.solve(*id, Solution::Labels(set.clone()));
                Ok(())
            }
        }
    }

    fn fit_slot(&mut self, found: &SlotTy, wanted: &SlotTy) -> Result<(), Clash> {
        match (found, wanted) {
            (SlotTy::Var(a), SlotTy::Var(b)) => self.link(*a, *b),
            (SlotTy::Var(id), SlotTy::Is(def)) | (SlotTy::Is(def), SlotTy::Var(id)) => {
                self.solve(*id, Solution::Slot(*def));
            }
            (SlotTy::Itself, _) | (_, SlotTy::Itself) => {}
            (SlotTy::Is(a), SlotTy::Is(b)) if a == b => {}
            _ => return Err(Clash::Type),
        }
        Ok(())
    }

    pub fn fit_elem(&mut self, found: &Elem, wanted: &Elem) -> Result<(), Clash> {
        match (found, wanted) {
            (Elem::Is(a), Elem::Is(b)) if a == b => Ok(()),
            (Elem::Is(_), Elem::Is(_)) => Err(Clash::Type),
            (Elem::Var(a), Elem::Var(b)) => {
                self.link(*a, *b);
                Ok(())
            }
            (Elem::Var(id), Elem::Is(dtype)) | (Elem::Is(dtype), Elem::Var(id)) => {
                if !allowed(self.kind(*id), *dtype) {
                    return Err(Clash::Type);
                }
                self.solve(*id, Solution::Elem(*dtype));
                Ok(())
            }
        }
    }

    pub fn fit_unit(&mut self, found: &UnitTy, wanted: &UnitTy) -> Result<(), Clash> {
        match (found, wanted) {
            (UnitTy::Is(a), UnitTy::Is(b)) if a == b => Ok(()),
            (UnitTy::Is(_), UnitTy::Is(_)) => Err(Clash::Unit),
            (UnitTy::Var(a, p), UnitTy::Var(b, q)) if p == q => {
                self.link(*a, *b);
                Ok(())
            }
            (UnitTy::Var(id, 1), UnitTy::Is(unit)) | (UnitTy::Is(unit), UnitTy::Var(id, 1)) => {
                self.solve(*id, Solution::Unit(unit.clone()));
                Ok(())
            }
            (UnitTy::Var(id, _), UnitTy::Is(unit)) | (UnitTy::Is(unit), UnitTy::Var(id, _)) if unit.is_one() => {
                self.solve(*id, Solution::Unit(Unit::one()));
                Ok(())
            }
            _ => Err(Clash::Unit),
        }
    }

    /// Shapes, of which each may hold one run of dimensions not known yet.
    pub fn fit_shape(&mut self, found: &[Dim], wanted: &[Dim]) -> Result<(), Clash> {
        let found = self.resolve_dims(found);
        let wanted = self.resolve_dims(wanted);
        let rest = |dims: &[Dim]| dims.iter().position(|d| matches!(d, Dim::Rest(_)));
        match (rest(&found), rest(&wanted)) {
            (None, None) if found.len() == wanted.len() => {
                found.iter().zip(&wanted).try_for_each(|(f, w)| self.fit_dim(f, w))
            }
            (None, None) => Err(Clash::Shape),
            (None, Some(at)) => self.fit_rest(&found, &wanted, at, false),
            (Some(at), None) => self.fit_rest(&wanted, &found, at, true),
            (Some(i), Some(j)) if found.len() == wanted.len() && i == j => {
                for (f, w) in found.iter().zip(&wanted) {
                    match (f, w) {
                        (Dim::Rest(a), Dim::Rest(b)) => self.link(*a, *b),
                        _ => self.fit_dim(f, w)?,
                    }
                }
                Ok(())
            }
            _ => Err(Clash::Shape),
        }
    }

    /// `plain` has no rest, `pattern` has one at `at`; `swap` where the pattern is what was found.
    fn fit_rest(&mut self, plain: &[Dim], pattern: &[Dim], at: usize, swap: bool) -> Result<(), Clash> {
        let after = pattern.len() - at - 1;
        if plain.len() < at + after {
            return Err(Clash::Shape);
        }
        let middle = plain[at..plain.len() - after].to_vec();
        if let Dim::Rest(id) = &pattern[at] {
            self.solve(*id, Solution::Dims(middle));
        }
        let ends = plain[..at].iter().zip(&pattern[..at]);
        let tails = plain[plain.len() - after..].iter().zip(&pattern[at + 1..]);
        for (p, q) in ends.chain(tails) {
            if swap { self.fit_dim(q, p)? } else { self.fit_dim(p, q)? }
        }
        Ok(())
    }

    pub fn fit_dim(&mut self, found: &Dim, wanted: &Dim) -> Result<(), Clash> {
        let found = self.resolve_dim(found);
        let wanted = self.resolve_dim(wanted);
        match (&found, &wanted) {
            _ if found == wanted => Ok(()),
            (Dim::Var(a), Dim::Var(b)) => {
                self.link(*a, *b);
                Ok(())
            }
            (Dim::Var(id), other) | (other, Dim::Var(id)) => {
                self.solve(*id, Solution::Dim(other.clone()));
                Ok(())
            }
            (_, Dim::Any) => Ok(()),
            (_, Dim::UpTo(_)) => self.fit_bound(&found, &wanted),
            _ => Err(Clash::Shape),
        }
    }

    /// Bounds: the found one may be smaller.
    fn fit_bound(&mut self, found: &Dim, wanted: &Dim) -> Result<(), Clash> {
        let found = match self.resolve_dim(found) {
            Dim::UpTo(inner) => *inner,
            other => other,
        };
        let wanted = match self.resolve_dim(wanted) {
            Dim::UpTo(inner) => *inner,
            other => other,
        };
        match (&found, &wanted) {
            (Dim::Is(a), Dim::Is(b)) => {
                if a <= b {
                    Ok(())
                } else {
                    Err(Clash::Shape)
                }
            }
            (Dim::Any, Dim::Is(_)) => Err(Clash::Shape),
            _ => self.fit_dim(&found, &wanted),
        }
    }
}

fn allowed(kind: Kind, dtype: DType) -> bool {
    match kind {
        Kind::Number => dtype != DType::Bool,
        Kind::Float => dtype.is_float(),
        _ => true,
    }
}

/// Whether a type holds a variable: such an equation has no solution.
fn holds(ty: &Type, id: u32) -> bool {
    match ty {
        Type::Var(other) => *other == id,
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => holds(inner, id),
        Type::Record(_, args) => args.iter().any(|a| matches!(a, Arg::Type(t) if holds(t, id))),
        _ => false,
    }
}
