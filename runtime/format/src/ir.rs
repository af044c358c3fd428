//! The intermediate representation: first-order, typed, structured, each value assigned once.
//!
//! A function is a block; a block is a list of instructions and the values it yields. `if`, `match`, `for` and `scan` hold
//! blocks of their own, which see the values before them. There is no other control flow and no recursion, so every program
//! ends. Shapes stand in every type, so a tensor's buffer can be sized before anything runs.

use crate::decision::Decision;
use crate::depth::nested;
use crate::op::Op;
use crate::types::Type;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// A whole program: what the plan of a bundle holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Program {
    /// The label sets that types refer to by place.
    pub labels: Vec<Vec<String>>,
    /// Values evaluated at build time, by place.
    pub constants: Vec<Constant>,
    /// Files that operations need (tokenizers), by place; their bytes lie in the bundle under `assets/`.
    pub assets: Vec<Asset>,
    /// The chosen models, by place; their files lie in the bundle under `models/`.
    pub models: Vec<Model>,
    /// Callees stand before their callers.
    pub functions: Vec<Function>,
    /// What may be called from outside.
    pub entries: Vec<Entry>,
    /// The choices of models that each request makes, by place. Since version 2; see [`crate::plan`].
    pub decisions: Vec<Decision>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    pub name: String,
    pub ty: Type,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    pub name: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A model and the signature that `infer` is held to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The card's name.
    pub name: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// The ONNX names with types, in the order in which `infer` gets them. Batch dimensions of the file are already fixed.
    pub inputs: Vec<(String, Type)>,
    /// Likewise, in the order in which `infer` gives them.
    pub outputs: Vec<(String, Type)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub function: FuncId,
    pub params: Vec<Param>,
    pub result: Type,
    /// The doc comment of the function.
    pub docs: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub name: String,
    pub ty: Type,
}

pub type FuncId = u32;
pub type ModelId = u32;
pub type ConstId = u32;
pub type AssetId = u32;
pub type DecisionId = u32;
/// A value of a function; parameters come first, then block parameters and results in the order of the text.
pub type ValueId = u32;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// `read_digit`, `card.kcnn_32`, `const.vectors`.
    pub name: String,
    pub result: Type,
    /// The type of every value, by its id.
    pub values: Vec<Type>,
    /// Its parameters are the function's.
    pub body: Block,
}

/// Instructions in order, then what the block yields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Block {
    pub params: Vec<ValueId>,
    #[serde(deserialize_with = "nested")]
    pub insts: Vec<Inst>,
    pub yields: Vec<ValueId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inst {
    pub result: ValueId,
    pub kind: Kind,
}

/// A constant argument of an operation, in the order of the declaration in `stdlib/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Attr {
    Int(i64),
    Float(f64),
    Text(String),
    Ints(Vec<i64>),
    Asset(AssetId),
    /// For `rank` and `class`: `order[i]` is the label of the card's class `i`.
    Classes(Vec<u32>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// A literal.
    Literal(Value),
    /// A constant of the program.
    Const(ConstId),
    /// An operation; shapes that depend on constants are in the result's type as well.
    Op {
        op: Op,
        attrs: Vec<Attr>,
        args: Vec<ValueId>,
    },
    Call {
        function: FuncId,
        args: Vec<ValueId>,
    },
    /// Runs a model; the result is a record of its outputs.
    Infer {
        model: ModelId,
        args: Vec<ValueId>,
    },
    /// A record, fields in the type's order.
    Record(Vec<ValueId>),
    /// A list of exactly these.
    List(Vec<ValueId>),
    Field {
        record: ValueId,
        index: u32,
    },
    Some(ValueId),
    None,
    Ok(ValueId),
    Err(ValueId),
    /// Each block yields one value.
    If {
        condition: ValueId,
        then: Block,
        otherwise: Block,
    },
    /// `present` has one parameter (the value inside, of an option or of a good result); `absent` has none for an option
    /// and one, the error's text, for a result.
    Match {
        subject: ValueId,
        present: Block,
        absent: Block,
    },
    /// The result is a list. `body` has one parameter, the element, and yields one value. Where there is a filter, it has the
    /// element as parameter too and yields a bool.
    For {
        list: ValueId,
        filter: Option<Block>,
        body: Block,
    },
    /// `body` has the element and the states as parameters; it yields the next states and then the element of the result.
    Scan {
        list: ValueId,
        init: Vec<ValueId>,
        body: Block,
    },
    /// Calls the function of the option that the request's weights pick: one function for each option, all of one type.
    Dispatch {
        decision: DecisionId,
        functions: Vec<FuncId>,
        args: Vec<ValueId>,
    },
}

impl Kind {
    /// The blocks inside, in the order of the text.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        let (first, second) = match self {
            Kind::If { then, otherwise, .. } => (Some(then), Some(otherwise)),
            Kind::Match { present, absent, .. } => (Some(present), Some(absent)),
            Kind::For { filter, body, .. } => (filter.as_ref(), Some(body)),
            Kind::Scan { body, .. } => (Some(body), None),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// The values used directly, in the order of the text; what blocks inside use is not among them.
    pub fn args(&self) -> Vec<ValueId> {
        match self {
            Kind::Literal(_) | Kind::Const(_) | Kind::None => Vec::new(),
            Kind::Op { args, .. }
            | Kind::Call { args, .. }
            | Kind::Infer { args, .. }
            | Kind::Dispatch { args, .. } => args.clone(),
            Kind::Record(parts) | Kind::List(parts) => parts.clone(),
            Kind::Field { record: v, .. } | Kind::Some(v) | Kind::Ok(v) | Kind::Err(v) => vec![*v],
            Kind::If { condition: v, .. } | Kind::Match { subject: v, .. } | Kind::For { list: v, .. } => vec![*v],
            Kind::Scan { list, init, .. } => std::iter::once(*list).chain(init.iter().copied()).collect(),
        }
    }
}

impl Function {
    /// The type of a value; `None` where there is no such value.
    pub fn type_of(&self, value: ValueId) -> Option<&Type> {
        self.values.get(value as usize)
    }
}
