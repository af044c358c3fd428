//! Replacing the variables of a declaration: by given arguments, or by fresh variables.

use crate::ty::{Arg, Dim, Elem, Labels, SlotTy, Type, UnitTy};

/// What stands for each kind of variable.
pub trait Subst {
    fn ty(&self, id: u32) -> Type;
    fn dim(&self, id: u32) -> Dim;
    /// The dimensions a rest variable stands for, or itself.
    fn rest(&self, id: u32) -> Vec<Dim>;
    fn elem(&self, id: u32) -> Elem;
    fn unit(&self, id: u32, power: i32) -> UnitTy;
    fn labels(&self, id: u32) -> Labels;
    fn slot(&self, slot: &SlotTy) -> SlotTy;
}

pub fn ty(t: &Type, s: &dyn Subst) -> Type {
    match t {
        Type::Error | Type::Text | Type::Bytes | Type::Image | Type::Audio => t.clone(),
        Type::Var(id) => s.ty(*id),
        Type::Tensor(elem, unit, shape) => {
            let elem = match elem {
                Elem::Var(id) => s.elem(*id),
                Elem::Is(_) => elem.clone(),
            };
            let unit = match unit {
                UnitTy::Var(id, power) => s.unit(*id, *power),
                UnitTy::Is(_) => unit.clone(),
            };
            Type::Tensor(elem, unit, dims(shape, s))
        }
        Type::Label(set) => Type::Label(labels(set, s)),
        Type::Ranking(set) => Type::Ranking(labels(set, s)),
        Type::Option(inner) => Type::Option(Box::new(ty(inner, s))),
        Type::Result(inner) => Type::Result(Box::new(ty(inner, s))),
        Type::List(inner, bound) => Type::List(Box::new(ty(inner, s)), dim(bound, s)),
        Type::Record(id, args) => Type::Record(*id, args.iter().map(|a| arg(a, s)).collect()),
        Type::Outputs(fields) => Type::Outputs(fields.iter().map(|(n, t)| (n.clone(), ty(t, s))).collect()),
        Type::Embedding(slot) => Type::Embedding(s.slot(slot)),
    }
}

fn arg(a: &Arg, s: &dyn Subst) -> Arg {
    match a {
        Arg::Type(t) => Arg::Type(ty(t, s)),
        Arg::Labels(set) => Arg::Labels(labels(set, s)),
        Arg::Dim(d) => Arg::Dim(dim(d, s)),
        Arg::Unit(UnitTy::Var(id, power)) => Arg::Unit(s.unit(*id, *power)),
        Arg::Unit(unit) => Arg::Unit(unit.clone()),
    }
}

fn labels(set: &Labels, s: &dyn Subst) -> Labels {
    match set {
        Labels::Var(id) => s.labels(*id),
        Labels::Is(_) => set.clone(),
    }
}

pub fn dims(shape: &[Dim], s: &dyn Subst) -> Vec<Dim> {
    let mut out = Vec::with_capacity(shape.len());
    for d in shape {
        match d {
            Dim::Rest(id) => out.extend(s.rest(*id)),
            _ => out.push(dim(d, s)),
        }
    }
    out
}

pub fn dim(d: &Dim, s: &dyn Subst) -> Dim {
    match d {
        Dim::Is(_) | Dim::Any | Dim::Rest(_) => d.clone(),
        Dim::Var(id) => s.dim(*id),
        Dim::UpTo(inner) => match dim(inner, s) {
            // At most what is itself only bounded, or not even that.
            Dim::UpTo(bound) => Dim::UpTo(bound),
            Dim::Any => Dim::Any,
            other => Dim::UpTo(Box::new(other)),
        },
        Dim::Add(a, b) => add(dim(a, s), dim(b, s)),
        Dim::Sub(a, b) => sub(dim(a, s), dim(b, s)),
    }
}

fn add(a: Dim, b: Dim) -> Dim {
    match (a, b) {
        (Dim::Is(a), Dim::Is(b)) => Dim::Is(a.saturating_add(b)),
        (Dim::Any, _) | (_, Dim::Any) => Dim::Any,
        (Dim::UpTo(a), Dim::UpTo(b)) => Dim::UpTo(Box::new(add(*a, *b))),
        (Dim::UpTo(a), b) | (b, Dim::UpTo(a)) => Dim::UpTo(Box::new(add(*a, b))),
        (a, b) => Dim::Add(Box::new(a), Box::new(b)),
    }
}

fn sub(a: Dim, b: Dim) -> Dim {
    match (a, b) {
        (Dim::Is(a), Dim::Is(b)) => Dim::Is(a.saturating_sub(b)),
        (a, b) => Dim::Sub(Box::new(a), Box::new(b)),
    }
}

/// Generic `i` becomes argument `i`.
struct Args<'a>(&'a [Arg]);

impl Subst for Args<'_> {
    fn ty(&self, id: u32) -> Type {
        match self.0.get(id as usize) {
            Some(Arg::Type(ty)) => ty.clone(),
            _ => Type::Error,
        }
    }

    fn dim(&self, id: u32) -> Dim {
        match self.0.get(id as usize) {
            Some(Arg::Dim(dim)) => dim.clone(),
            _ => Dim::Any,
        }
    }

    fn rest(&self, id: u32) -> Vec<Dim> {
        match self.0.get(id as usize) {
            Some(Arg::Dim(dim)) => vec![dim.clone()],
            _ => Vec::new(),
        }
    }

    fn elem(&self, _: u32) -> Elem {
        Elem::Is(crate::ty::DType::F32)
    }

    fn unit(&self, id: u32, power: i32) -> UnitTy {
        match self.0.get(id as usize) {
            Some(Arg::Unit(UnitTy::Is(unit))) if power == 1 => UnitTy::Is(unit.clone()),
            Some(Arg::Unit(UnitTy::Is(unit))) => {
                UnitTy::Is(crate::units::Unit::one().times(unit, power).unwrap_or_else(crate::units::Unit::one))
            }
            Some(Arg::Unit(UnitTy::Var(other, inner))) => UnitTy::Var(*other, inner * power),
            _ => UnitTy::Is(crate::units::Unit::one()),
        }
    }

    fn labels(&self, id: u32) -> Labels {
        match self.0.get(id as usize) {
            Some(Arg::Labels(labels)) => labels.clone(),
            _ => Labels::Var(id),
        }
    }

    fn slot(&self, slot: &SlotTy) -> SlotTy {
        slot.clone()
    }
}

pub fn with_args(t: &Type, args: &[Arg]) -> Type {
    ty(t, &Args(args))
}

/// Variable `i` becomes variable `base + i`.
struct Shift(u32);

impl Subst for Shift {
    fn ty(&self, id: u32) -> Type {
        Type::Var(id + self.0)
    }

    fn dim(&self, id: u32) -> Dim {
        Dim::Var(id + self.0)
    }

    fn rest(&self, id: u32) -> Vec<Dim> {
        vec![Dim::Rest(id + self.0)]
    }

    fn elem(&self, id: u32) -> Elem {
        Elem::Var(id + self.0)
    }

    fn unit(&self, id: u32, power: i32) -> UnitTy {
        UnitTy::Var(id + self.0, power)
    }

    fn labels(&self, id: u32) -> Labels {
        Labels::Var(id + self.0)
    }

    fn slot(&self, slot: &SlotTy) -> SlotTy {
        match slot {
            SlotTy::Var(id) => SlotTy::Var(id + self.0),
            other => other.clone(),
        }
    }
}

pub fn shifted(t: &Type, base: u32) -> Type {
    ty(t, &Shift(base))
}

pub fn shifted_dim(d: &Dim, base: u32) -> Dim {
    dim(d, &Shift(base))
}
