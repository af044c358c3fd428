//! Types, dimensions, units, and what functions, tasks and built-ins share.

use super::{Expr, Name};
use mu_base::Span;

/// `L: Labels`; the kind is one of `Labels Dim Dims Type Dtype Number Float Unit Record Slot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generic {
    pub name: Name,
    pub kind: Name,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub docs: String,
    pub name: Name,
    pub ty: TypeExpr,
}

/// What functions, tasks and built-ins share.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    pub name: Name,
    pub generics: Vec<Generic>,
    pub params: Vec<Param>,
    pub result: TypeExpr,
    /// `where size(D) == size(E)`, `where B <= N`; only on built-ins
    pub wheres: Vec<Where>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub name: Name,
    pub kind: ParamKind,
    /// `= "bilinear"`; only on built-ins
    pub default: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParamKind {
    Value(TypeExpr),
    /// `height: dim H`, a constant that becomes the dimension
    Dim(Name),
    /// `shape: dims E`, all constants that follow
    Dims(Name),
    /// `filter: const Text`, a literal of that type (`Text`, `f64`, `i64`, `File`)
    Const(TypeExpr),
}

/// `LEFT == RIGHT` or `LEFT <= RIGHT`
#[derive(Debug, Clone, PartialEq)]
pub struct Where {
    pub left: WhereTerm,
    pub equal: bool,
    pub right: WhereTerm,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WhereTerm {
    /// `B`
    Dim(DimExpr),
    /// `size(D)`: the product of dimensions
    Size(Name),
    /// `fields(R)`: how many fields the record has
    Fields(Name),
}

#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    pub kind: TypeKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// `Text`, `Digit`, `Ranking<L>`, `List<Box, 16>`, `Option<f32>`, `Embedding<embed>`, `f32`, `f32<kg/m^2>`,
    /// `f32[N, 1, 28, 28]`, `T<U>[..D]`. `shape` is `None` where there are no brackets.
    Named { name: Name, args: Vec<TypeArg>, shape: Option<Vec<DimExpr>> },
    /// `(probs: f32[N, 10])`, the type of a net's side
    Tuple(Vec<(Name, TypeExpr)>),
}

/// What stands between `<` and `>`. A lone name may be a type, a unit, a label set or a dimension: the checker decides.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeArg {
    Type(TypeExpr),
    /// `16`, `N + M`: what can only be a dimension
    Dim(DimExpr),
    /// `kg/m^2`, `U^2`: what can only be a unit
    Unit(UnitExpr),
}

/// One dimension between `[` and `]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DimExpr {
    pub kind: DimKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DimKind {
    /// `28`
    Is(u64),
    /// `N`
    Name(Name),
    /// `..D`
    Rest(Name),
    /// `_`, known only at run time
    Any,
    /// `<= 960`, `<= N`, known only at run time but bounded
    UpTo(Box<DimExpr>),
    /// `H <= 960`, a named free dimension of a net and its bound
    Bounded(Name, u64),
    /// `N + M`
    Add(Box<DimExpr>, Box<DimExpr>),
    /// `B - A`
    Sub(Box<DimExpr>, Box<DimExpr>),
}

/// `kg/m^2`, `m*s`, `1/s`: unit names with exponents, in the order of the source. `%` is a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitExpr {
    pub terms: Vec<(Name, i32)>,
    pub span: Span,
}
