//! The typed program: names resolved, types known, nothing left open but the models of the slots.

pub use crate::deploy::Stated;
use crate::names::DefId;
use crate::ty::Type;
use crate::units::Unit;
use mu_base::decimal::Decimal;
use mu_base::{Loc, Span};

/// A local of a function, by its place in [`Body::locals`].
pub type LocalId = u32;

/// The body of a function, an adapter, a constant, a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// The item it stands in, whose start spans are relative to.
    pub item: DefId,
    pub locals: Vec<Local>,
    /// The first locals are the parameters, in order.
    pub params: Vec<LocalId>,
    pub result: Type,
    pub block: Block,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    pub name: String,
    pub ty: Type,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub lets: Vec<(LocalId, Expr)>,
    /// In the body of a scan: the next value of each state, in the order of the states.
    pub nexts: Vec<Expr>,
    pub value: Box<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub ty: Type,
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Has a diagnostic.
    Error,
    /// A number of the expression's type, in the unit of the type.
    Number(Decimal),
    Bool(bool),
    Text(String),
    /// An index into the type's label set.
    Label(u32),
    None,
    Some(Box<Expr>),
    Ok(Box<Expr>),
    Err(Box<Expr>),
    /// The content of a file, by its path from the project's folder, as a value of the expression's type.
    File(String),
    Local(LocalId),
    Const(DefId),
    List(Vec<Expr>),
    /// A vector of literals.
    Tensor(Vec<Decimal>),
    /// Fields in the order of the declaration.
    Record(Vec<Expr>),
    /// A `builtin fn` of the standard library, or an operator (`+`, `neg`, `and`, `<`), by name. The constant arguments in
    /// the order of the declaration, then the others.
    Builtin {
        name: String,
        consts: Vec<Const>,
        args: Vec<Expr>,
    },
    /// A function of the program.
    Call {
        function: DefId,
        args: Vec<Expr>,
    },
    /// The model of a slot.
    Slot {
        slot: DefId,
        args: Vec<Expr>,
    },
    /// The card's net; the arguments in the order of its inputs.
    Infer {
        args: Vec<Expr>,
    },
    Field {
        value: Box<Expr>,
        index: usize,
    },
    /// Times `factor`, for `x in cm`.
    Convert {
        value: Box<Expr>,
        factor: Decimal,
    },
    If {
        condition: Box<Expr>,
        expect: Option<Decimal>,
        then: Block,
        otherwise: Block,
    },
    /// Of an option (`error` is `None`) or a result.
    Match {
        subject: Box<Expr>,
        name: LocalId,
        present: Box<Expr>,
        error: Option<LocalId>,
        absent: Box<Expr>,
    },
    /// Of a text or a label: the first equal one, else the last.
    Choose {
        subject: Box<Expr>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Box<Expr>,
    },
    For {
        name: LocalId,
        list: Box<Expr>,
        filter: Option<Box<Expr>>,
        body: Block,
    },
    Scan {
        name: LocalId,
        list: Box<Expr>,
        states: Vec<(LocalId, Expr)>,
        body: Block,
    },
}

/// A constant argument of a built-in.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    Int(i64),
    Ints(Vec<i64>),
    Float(f64),
    Text(String),
    /// A file by its path from the project's folder.
    File(String),
    /// The card's classes as indices into the label set, for `rank` and `class`.
    Classes(Vec<u32>),
}

/// A function of the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: String,
    pub docs: String,
    pub params: Vec<(String, Type)>,
    pub result: Type,
    pub body: Body,
}

/// A slot: a task with its arguments and what its model must meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub name: String,
    pub task: TaskRef,
    pub requires: Vec<Requirement>,
    pub objective: Vec<Goal>,
    /// Where each request says which model serves it: what it weighs.
    pub at_request: Option<AtRequest>,
    pub loc: Loc,
}

/// `select at request by latency.p95 / 10 ms, top1 on D / 1%`
#[derive(Debug, Clone, PartialEq)]
pub struct AtRequest {
    /// As written, without `select at request by`.
    pub text: String,
    /// At least two.
    pub terms: Vec<Weighed>,
    /// Whether claims of the cards count where nothing was measured.
    pub claimed: bool,
    pub loc: Loc,
}

/// A term of a choice at request time.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// What a request calls it: the trait without its data set, with it where two are of one trait. Each once.
    pub name: String,
    /// Over its scale, smaller is better (negated where higher is better).
    pub term: Term,
}

/// A task with its arguments: what a slot, a card and a data set have in common where they fit each other.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRef {
    pub task: DefId,
    pub name: String,
    pub args: Vec<crate::ty::Arg>,
    pub params: Vec<(String, Type)>,
    pub result: Type,
}

/// A card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub name: String,
    pub task: TaskRef,
    pub net: Net,
    pub license: String,
    pub claims: Vec<Claim>,
    /// The task's result (of an `Embedding`: the vector) computed from its parameters.
    pub adapter: Body,
    pub loc: Loc,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// Where the file was found, from the project's folder; `None` where it was not.
    pub path: Option<String>,
    /// Lower-case hexadecimal, as stated by the card.
    pub sha256: String,
    /// Free dimensions are `Dim::Var(i)`, numbered by their place in `dims`.
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    /// The free dimensions by name and their bounds.
    pub dims: Vec<(String, Option<u64>)>,
    /// Traits that come from the file, in base units; empty where the file was not found.
    pub traits: Vec<(String, f64)>,
    /// The types `infer` is really called with: one list for each call in the adapter, free dimensions replaced.
    pub used: Vec<(Vec<Type>, Vec<Type>)>,
    pub loc: Loc,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// The name in the adapter.
    pub name: String,
    /// The name in the ONNX file.
    pub onnx: String,
    pub ty: Type,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub path: String,
    pub dataset: Option<DefId>,
    /// In base units.
    pub value: Decimal,
    pub samples: Option<u64>,
    pub loc: Loc,
}

/// A data set, as far as selection knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    pub name: String,
    pub task: TaskRef,
    /// Where the file was found, from the project's folder; `None` where it was not.
    pub file: Option<String>,
    pub sha256: String,
    pub revision: String,
    pub loc: Loc,
}

/// How models of a task are judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    pub task: TaskRef,
    /// The type of a right answer.
    pub truth: Type,
    /// In the order of their declaration.
    pub all: Vec<Metric>,
}

/// One number for all samples: an expression over `samples.mean`, `samples.sum` and `samples.variance`, whose arguments are of
/// one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub name: String,
    /// Whether higher is better.
    pub higher: bool,
    /// Of the value.
    pub unit: Unit,
    /// Its parameters are `output` and `truth`.
    pub body: Body,
}

/// What must hold: a comparison of terms, or a set of licences.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// As written.
    pub text: String,
    pub loc: Loc,
    /// The right side where it is a lone quantity: what a fix would replace.
    pub bound: Option<Loc>,
    pub check: Check,
    /// How its quantities are shown: the unit as written and how many base units one of it is.
    pub unit: (String, Decimal),
    /// Whether claims of the cards count where nothing was measured.
    pub claimed: bool,
    /// How sure it must be that the bound holds, from 0.5 to below 1. Then one side is a constant and the other one a metric.
    pub confidence: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    Compare { left: Term, op: Compare, right: Term },
    License { slot: SlotOf, allowed: Vec<String> },
}

pub use mu_syntax::ast::Compare;

/// Whose trait it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotOf {
    Slot(DefId),
    /// The program's: composed over all slots an entry reaches.
    Program,
}

/// An arithmetic term over traits, in base units.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Number(Decimal),
    Trait { slot: SlotOf, path: String, dataset: Option<DefId> },
    Add(Box<Term>, Box<Term>),
    Sub(Box<Term>, Box<Term>),
    Mul(Box<Term>, Box<Term>),
    Div(Box<Term>, Box<Term>),
}

/// One step of an objective; smaller is better (what is maximised is negated).
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    pub text: String,
    pub term: Term,
    /// Whether claims of the cards count where nothing was measured.
    pub claimed: bool,
    pub loc: Loc,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Deploy {
    pub function: DefId,
    pub settings: Vec<Stated>,
    pub budgets: Vec<Requirement>,
    pub objective: Vec<Goal>,
    pub loc: Loc,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    Text(String),
    Word(String),
    /// In base units.
    Quantity(Decimal),
    /// One of several values, with its name.
    Named(String, String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub name: String,
    /// Each `assert`: its place, its text and a body that gives a bool. They share the `let`s before them.
    pub asserts: Vec<Assert>,
    pub loc: Loc,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assert {
    pub text: String,
    pub loc: Loc,
    pub body: Body,
}

/// A constant: evaluated at build time.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    pub name: String,
    pub ty: Type,
    pub body: Body,
    pub loc: Loc,
}
