//! The typed syntax tree of one item. Spans are relative to the item's first byte, so that an item that only moved is equal
//! to what it was. The grammar is `grammar.pest`; the examples here are the concrete syntax of each node.

mod expr;
mod require;
mod types;

pub use expr::*;
pub use require::*;
pub use types::*;

use mu_base::Span;
use mu_base::decimal::Decimal;

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// A text literal, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Str {
    pub text: String,
    pub span: Span,
}

/// What stands at the top of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `use std.vision`, `use catalog.mnist`, `use shapes.round` (the file `src/shapes/round.mu`)
    Use {
        path: Vec<Name>,
    },
    /// `labels Digit = "0", "1"` or `labels ImageNet = file("imagenet_labels.json")`
    Labels {
        name: Name,
        source: LabelSource,
    },
    /// `dimension time: s` declares the dimension and its base unit
    Dimension {
        name: Name,
        unit: Name,
    },
    /// `unit ms = 0.001 s`, `unit Hz = 1/s`
    Unit {
        name: Name,
        factor: Decimal,
        unit: UnitExpr,
    },
    /// `record Box { left: f32, top: f32 }`, fields separated by commas or newlines
    Record {
        name: Name,
        generics: Vec<Generic>,
        fields: Vec<Field>,
    },
    /// `trait latency.p95: time, lower is better from evidence`
    Trait(TraitDecl),
    Task(Task),
    /// `builtin fn top<L: Labels>(ranking: Ranking<L>) -> Scored<L> where B <= N`; only in the standard library
    Builtin(Signature),
    Dataset(Dataset),
    Model(Model),
    Slot(Slot),
    /// `const faq: List<Faq, 500> = file("faq.csv")`, `const limit = 0.8`
    Const {
        name: Name,
        ty: Option<TypeExpr>,
        value: Expr,
    },
    Fn(Function),
    Deploy(Deploy),
    /// `test "reads a seven" { assert read(file("7.png")) == some("7") }`
    Test {
        name: Str,
        body: Block,
    },
    /// What could not be parsed; the diagnostics say why. The name, where one could be read, still exists.
    Broken {
        name: Option<Name>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum LabelSource {
    Inline(Vec<Str>),
    /// A JSON list of texts, or a JSON object from index to text, or one label a line.
    File(Str),
}

/// `trait PATH: UNIT, higher|lower is better from SOURCE`, where UNIT is a dimension, a quotient of two, `ratio`, `count` or
/// `license` (which has no direction), and SOURCE is `file`, `card` or `evidence`.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitDecl {
    pub path: Vec<Name>,
    pub unit: TraitUnit,
    pub direction: Option<Direction>,
    pub source: Name,
}

/// `time`, `money/amount`, `ratio`: names of dimensions with exponents. A task's generic `U: Unit` may stand here too.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitUnit {
    pub terms: Vec<(Name, i32)>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `higher is better`
    Higher,
    /// `lower is better`
    Lower,
}

/// `task NAME<GENERICS>(PARAMS) -> TYPE { hub "..." truth TYPE metric ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub signature: Signature,
    pub hub: Option<Str>,
    pub truth: Option<TypeExpr>,
    pub metrics: Vec<Metric>,
}

/// `metric top1: ratio, higher is better = mean(hit(output, truth, 1))`
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub docs: String,
    pub name: Name,
    pub unit: TraitUnit,
    pub direction: Direction,
    pub value: Expr,
}

/// `dataset mnist_holdout: image_classification<Digit> { file "holdout.npz" sha256 "..." revision "1" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    pub name: Name,
    pub task: TypeExpr,
    pub file: Option<Str>,
    pub sha256: Option<Str>,
    pub revision: Option<Str>,
    pub license: Option<Spdx>,
}

/// A card.
///
/// ```text
/// model kcnn_32: image_classification<Digit> {
///     net     "kcnn-32.onnx" sha256 "..." (input: f32[N, 1, 28, 28]) -> (probs: f32[N, 10])
///     classes "0", "1"                      // or: classes file("labels.json")
///     license MIT
///     origin  "trained on mnist-10k"
///     claim   top1 on mnist_holdout = 97.7% (n 2000)
///     claim   latency.p95 = 0.4 ms
///     adapt { ... }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub name: Name,
    pub task: TypeExpr,
    pub net: Option<Net>,
    pub classes: Option<LabelSource>,
    pub license: Option<Spdx>,
    pub origin: Option<Str>,
    pub claims: Vec<Claim>,
    pub adapt: Option<Block>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    pub file: Str,
    pub sha256: Option<Str>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    pub span: Span,
}

/// `input: f32[N, 1, 28, 28]`, or `x "x:0": f32[1, 3]` where the ONNX name is no identifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    pub name: Name,
    pub onnx: Option<Str>,
    pub ty: TypeExpr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub metric: TraitRef,
    pub value: Quantity,
    /// `(n 2000)`
    pub samples: Option<u64>,
    pub span: Span,
}

/// `slot reader: image_classification<Digit> { require ... minimize ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub name: Name,
    pub task: TypeExpr,
    pub requires: Vec<Require>,
    pub objective: Vec<Objective>,
    pub at_request: Option<AtRequest>,
}

/// `fn read_digit(image: Image) -> Option<Digit> { ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub signature: Signature,
    pub body: Block,
}

/// `deploy read_digit { target lambda  budget cost <= 2 USD per 1M requests  minimize cost, then latency.p95 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Deploy {
    pub function: Name,
    pub settings: Vec<Setting>,
    pub budgets: Vec<Require>,
    pub objective: Vec<Objective>,
}

/// `region "eu-central-1"`, `arch x86_64`, `memory 512 MB`; the checker knows which settings there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    pub name: Name,
    pub value: SettingValue,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    Text(Str),
    Word(Name),
    /// `environment MU_LOG "off"`: one of several values, with its name.
    Named(Name, Str),
    Quantity(Quantity),
}
