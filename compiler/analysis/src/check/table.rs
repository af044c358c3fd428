//! The variables of one body and what is known of them.

use super::subst::{self, Subst};
use crate::decl::Kind;
use crate::names::DefId;
use crate::ty::{DType, Dim, Elem, LabelSet, Labels, SlotTy, Type, UnitTy};
use crate::units::Unit;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Solution {
    Open,
    Link(u32),
    Type(Type),
    Dim(Dim),
    Dims(Vec<Dim>),
    Elem(DType),
    Unit(Unit),
    Labels(Arc<LabelSet>),
    Slot(DefId),
}

#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    /// The element type of a literal that nothing else decides.
    default: Option<DType>,
    solution: Solution,
}

#[derive(Debug, Default)]
pub struct Table {
    entries: Vec<Entry>,
}

impl Table {
    pub fn fresh(&mut self, kind: Kind) -> u32 {
        self.entries.push(Entry { kind, default: None, solution: Solution::Open });
        self.entries.len() as u32 - 1
    }

    /// An element type that is `default` where nothing decides it.
    pub fn fresh_number(&mut self, default: DType) -> u32 {
        let kind = if default.is_float() { Kind::Float } else { Kind::Number };
        self.entries.push(Entry { kind, default: Some(default), solution: Solution::Open });
        self.entries.len() as u32 - 1
    }

    pub fn len(&self) -> u32 {
        self.entries.len() as u32
    }

    /// The end of a chain of links.
    pub fn root(&self, mut id: u32) -> u32 {
        while let Some(Entry { solution: Solution::Link(next), .. }) = self.entries.get(id as usize) {
            id = *next;
        }
        id
    }

    pub fn solution(&self, id: u32) -> &Solution {
        &self.entries[self.root(id) as usize].solution
    }

    pub fn kind(&self, id: u32) -> Kind {
        self.entries[self.root(id) as usize].kind
    }

    pub fn solve(&mut self, id: u32, solution: Solution) {
        let root = self.root(id);
        self.entries[root as usize].solution = solution;
    }

    /// Makes two open variables one; the stricter kind stays.
    pub fn link(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let from = self.entries[a as usize].clone();
        let to = &mut self.entries[b as usize];
        let strict = |kind: Kind| match kind {
            Kind::Float => 2,
            Kind::Number => 1,
            _ => 0,
        };
        if strict(from.kind) > strict(to.kind) {
            to.kind = from.kind;
        }
        to.default = match (from.default, to.default) {
            (Some(x), Some(y)) => Some(if x.is_float() { x } else { y }),
            (x, y) => x.or(y),
        };
        self.entries[a as usize].solution = Solution::Link(b);
    }

    /// Gives literals that nothing decided their default.
    pub fn apply_defaults(&mut self) {
        for entry in &mut self.entries {
            if let (Solution::Open, Some(default)) = (&entry.solution, entry.default) {
                entry.solution = Solution::Elem(default);
            }
        }
    }

    pub fn resolve(&self, ty: &Type) -> Type {
        subst::ty(ty, self)
    }

    pub fn resolve_dim(&self, dim: &Dim) -> Dim {
        subst::dim(dim, self)
    }

    pub fn resolve_dims(&self, dims: &[Dim]) -> Vec<Dim> {
        subst::dims(dims, self)
    }
}

impl Subst for Table {
    fn ty(&self, id: u32) -> Type {
        match self.solution(id) {
            Solution::Type(ty) => self.resolve(ty),
            _ => Type::Var(self.root(id)),
        }
    }

    fn dim(&self, id: u32) -> Dim {
        match self.solution(id) {
            Solution::Dim(dim) => self.resolve_dim(dim),
            _ => Dim::Var(self.root(id)),
        }
    }

    fn rest(&self, id: u32) -> Vec<Dim> {
        match self.solution(id) {
            Solution::Dims(dims) => self.resolve_dims(dims),
            _ => vec![Dim::Rest(self.root(id))],
        }
    }

    fn elem(&self, id: u32) -> Elem {
        match self.solution(id) {
            Solution::Elem(dtype) => Elem::Is(*dtype),
            _ => Elem::Var(self.root(id)),
        }
    }

    fn unit(&self, id: u32, power: i32) -> UnitTy {
        match self.solution(id) {
            Solution::Unit(unit) if power == 1 => UnitTy::Is(unit.clone()),
            Solution::Unit(unit) => UnitTy::Is(Unit::one().times(unit, power).unwrap_or_else(Unit::one)),
            _ => UnitTy::Var(self.root(id), power),
        }
    }

    fn labels(&self, id: u32) -> Labels {
        match self.solution(id) {
            Solution::Labels(set) => Labels::Is(set.clone()),
            _ => Labels::Var(self.root(id)),
        }
    }

    fn slot(&self, slot: &SlotTy) -> SlotTy {
        match slot {
            SlotTy::Var(id) => match self.solution(*id) {
                Solution::Slot(def) => SlotTy::Is(*def),
                _ => SlotTy::Var(self.root(*id)),
            },
            other => other.clone(),
        }
    }
}
