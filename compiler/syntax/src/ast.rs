//! The typed syntax tree of one item. Spans are relative to the item's first byte, so that an item that only moved is equal
//! to what it was. The grammar is `grammar.pest`; the examples here are the concrete syntax of each node.

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

/// `MIT OR Apache-2.0`, as written, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spdx {
    pub text: String,
    pub span: Span,
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

/// `top1`, `latency.p95`, `reader.top1 on mnist_holdout`. Whether the first name is a slot is decided by the checker.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitRef {
    pub path: Vec<Name>,
    pub dataset: Option<Name>,
    pub span: Span,
}

/// `97%`, `5 ms`, `2 USD per 1M requests`, `100k`; `unit` is empty for a plain number. Suffixes k, M and G of the number
/// are resolved; what follows `per` divides.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub value: Decimal,
    pub unit: UnitExpr,
    pub span: Span,
}

/// `slot reader: image_classification<Digit> { require ... minimize ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub name: Name,
    pub task: TypeExpr,
    pub requires: Vec<Require>,
    pub objective: Vec<Objective>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Require {
    pub kind: RequireKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RequireKind {
    /// `require top1 on D >= 97%`, `require backup.top1 > reader.top1 + 1%`
    Compare { left: Term, op: Compare, right: Term },
    /// `require license in [MIT, Apache-2.0]`, `require license == MIT`
    License { path: TraitRef, allowed: Vec<Spdx> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

/// A side of a requirement: `left` associative.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Trait(TraitRef),
    Quantity(Quantity),
    Binary { op: TermOp, left: Box<Term>, right: Box<Term> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermOp {
    Add,
    Sub,
    Mul,
    Div,
}

/// One line of an objective. `then` gives several in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    pub kind: ObjectiveKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ObjectiveKind {
    /// `minimize cost, then latency.p95`; `minimize reader.size + backup.size`
    Minimize(Vec<Term>),
    /// `maximize reader.top1 on D`
    Maximize(Vec<Term>),
    /// `prefer latency.p95 / 10 ms, top1 / 1%`: the sum of the terms, each in its direction
    Prefer(Vec<Term>),
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
    Quantity(Quantity),
}

/// `{ ... }`: statements separated by newlines; the last expression is the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// `let best = reader(image) |> top`, `let x: f32 = 1.0`
    Let {
        name: Name,
        ty: Option<TypeExpr>,
        value: Expr,
    },
    /// `next h = r.state`; only in the body of a `scan`
    Next {
        name: Name,
        value: Expr,
    },
    /// `assert a == b`; only in tests
    Assert {
        value: Expr,
        span: Span,
    },
    Expr(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `1`, `5 ms`, `97%`, `1 kg/m^2` (a unit must follow on the same line; `decimal` says whether there was a point or an exponent)
    Number {
        value: Decimal,
        decimal: bool,
        unit: Option<UnitExpr>,
    },
    Text(String),
    Bool(bool),
    /// `none`
    None,
    Name(Name),
    /// `[1.0, 2.0]`
    List(Vec<Expr>),
    /// `Answer { text: t, score: s }`, fields separated by commas or newlines; record names start with a capital
    Record {
        name: Name,
        fields: Vec<(Name, Expr)>,
    },
    /// `f(a, size: b)`; `x |> f(a)` and `x |> f` are the call with `x` in front, and `piped` is true. `some(x)`, `ok(x)`,
    /// `err(x)` and `file("a.png")` are calls by name as well.
    Call {
        callee: Name,
        args: Vec<Arg>,
        piped: bool,
    },
    /// `x.field`
    Field {
        value: Box<Expr>,
        field: Name,
    },
    /// `x[3]`
    Index {
        value: Box<Expr>,
        index: Box<Expr>,
    },
    /// `x[2..5]`
    Slice {
        value: Box<Expr>,
        from: Box<Expr>,
        to: Box<Expr>,
    },
    /// `-x`, `not x`
    Unary {
        op: UnaryOp,
        value: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `x in cm`: the same quantity in another unit
    In {
        value: Box<Expr>,
        unit: UnitExpr,
    },
    /// `if c then a else b`, `if c { a } else { b }`, `if c expect 10% then a else b`
    If {
        condition: Box<Expr>,
        expect: Option<Decimal>,
        then: Block,
        otherwise: Block,
    },
    /// `match x { some(y) -> a  none -> b }`, arms separated by newlines
    Match {
        subject: Box<Expr>,
        arms: Vec<Arm>,
    },
    /// `for b in boxes if b.score >= 0.5 { ... }`
    For {
        name: Name,
        list: Box<Expr>,
        filter: Option<Box<Expr>>,
        body: Block,
    },
    /// `scan w in frames(audio, 512) with h = zeros(2, 1), c = zeros(1) { ... next h = r.h  r.out }`
    Scan {
        name: Name,
        list: Box<Expr>,
        states: Vec<(Name, Expr)>,
        body: Block,
    },
    /// What could not be parsed.
    Error,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    pub pattern: Pattern,
    pub value: Expr,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// `some(y)`, `ok(y)`, `err(e)`; the name may be `_`
    Wrap { constructor: Name, name: Name },
    /// `none`
    None(Span),
    /// `"7"`: a label or a text
    Text(Str),
    /// `_`
    Any(Span),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Neg,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
}
