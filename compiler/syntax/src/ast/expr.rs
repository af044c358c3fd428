//! Expressions, statements and blocks.

use super::{Name, Str, TypeExpr, UnitExpr};
use mu_base::Span;
use mu_base::decimal::Decimal;

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
