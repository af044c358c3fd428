//! Types of the language as the checker sees them. Variables stand for what is not known yet; a finished program has none.

use crate::names::DefId;
use crate::units::Unit;
use std::sync::Arc;

pub use mu_format::tensor::DType;

/// A label set. Two sets are the same type when they hold the same strings: they are kept in byte order, so that a label's
/// place is the same wherever the set was declared.
#[derive(Debug, Clone)]
pub struct LabelSet {
    /// The name under which it was declared, for messages.
    pub name: String,
    /// In byte order, each once.
    pub labels: Vec<String>,
    /// In the order of the declaration; no part of equality. By it, numbers in data name labels.
    pub declared: Vec<String>,
}

impl LabelSet {
    pub fn new(name: &str, mut labels: Vec<String>) -> LabelSet {
        let declared = labels.clone();
        labels.sort();
        labels.dedup();
        LabelSet { name: name.to_string(), labels, declared }
    }

    /// The place of a label in `labels`.
    pub fn index(&self, label: &str) -> Option<u32> {
        self.labels.binary_search_by(|l| l.as_str().cmp(label)).ok().map(|i| i as u32)
    }
}

impl PartialEq for LabelSet {
    fn eq(&self, other: &LabelSet) -> bool {
        self.labels == other.labels
    }
}

impl Eq for LabelSet {}

impl std::hash::Hash for LabelSet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.labels.hash(state);
    }
}

/// A dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dim {
    Is(u64),
    /// Known at run time only, at most that.
    UpTo(Box<Dim>),
    /// Known at run time only.
    Any,
    Var(u32),
    /// In a shape: as many dimensions as the variable stands for.
    Rest(u32),
    Add(Box<Dim>, Box<Dim>),
    Sub(Box<Dim>, Box<Dim>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Elem {
    Is(DType),
    Var(u32),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnitTy {
    Is(Unit),
    /// A variable to a power.
    Var(u32, i32),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Labels {
    Is(Arc<LabelSet>),
    Var(u32),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SlotTy {
    Is(DefId),
    Var(u32),
    /// In a task's declaration: the slot that is called.
    Itself,
}

/// An argument of a generic record or task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    Type(Type),
    Labels(Labels),
    Dim(Dim),
    Unit(UnitTy),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Stands for what already has a diagnostic; agrees with everything.
    Error,
    Var(u32),
    /// A tensor; a scalar where there are no dimensions. `bool` is one too.
    Tensor(Elem, UnitTy, Vec<Dim>),
    Text,
    Bytes,
    Image,
    Audio,
    Label(Labels),
    Ranking(Labels),
    Option(Box<Type>),
    Result(Box<Type>),
    List(Box<Type>, Dim),
    /// The declaration and its arguments.
    Record(DefId, Vec<Arg>),
    /// What `infer` returns: the net's outputs.
    Outputs(Vec<(String, Type)>),
    Embedding(SlotTy),
}

impl Type {
    pub fn scalar(dtype: DType) -> Type {
        Type::Tensor(Elem::Is(dtype), UnitTy::Is(Unit::one()), Vec::new())
    }

    pub fn bool() -> Type {
        Type::scalar(DType::Bool)
    }

    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error)
    }
}
