//! What one element of a tensor is, as an expression over elements of others.
//!
//! Expressions are kept in a pool in which equal ones are one, so that what is used twice is computed once.

use super::size::{Size, Sizes};
use mu_format::ir::ValueId;
use mu_format::op::Op;
use mu_format::tensor::DType;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type NodeId = usize;
/// The place of a single number that was computed before.
pub(super) type ScalarId = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unary {
    Neg,
    Abs,
    Square,
    Sqrt,
    Exp,
    Log,
    Tanh,
    Sigmoid,
    Floor,
    Round,
    Not,
}

impl Unary {
    /// The one that an operation of the bundle's format is, on each element.
    pub(crate) fn of(op: Op) -> Option<Unary> {
        Some(match op {
            Op::Neg => Unary::Neg,
            Op::Abs => Unary::Abs,
            Op::Square => Unary::Square,
            Op::Sqrt => Unary::Sqrt,
            Op::Exp => Unary::Exp,
            Op::Log => Unary::Log,
            Op::Tanh => Unary::Tanh,
            Op::Sigmoid => Unary::Sigmoid,
            Op::Floor => Unary::Floor,
            Op::Round => Unary::Round,
            Op::Not => Unary::Not,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
}

impl Binary {
    /// As [`Unary::of`].
    pub(crate) fn of(op: Op) -> Option<Binary> {
        Some(match op {
            Op::Add => Binary::Add,
            Op::Sub => Binary::Sub,
            Op::Mul => Binary::Mul,
            Op::Div => Binary::Div,
            Op::Min => Binary::Min,
            Op::Max => Binary::Max,
            Op::Lt => Binary::Lt,
            Op::Le => Binary::Le,
            Op::Gt => Binary::Gt,
            Op::Ge => Binary::Ge,
            Op::Eq => Binary::Eq,
            Op::Ne => Binary::Ne,
            Op::And => Binary::And,
            Op::Or => Binary::Or,
            _ => return None,
        })
    }
}

/// How the elements of a tensor in memory lie under the axes of a loop: `offset + sum of index * stride`, in elements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct View {
    /// Added up.
    pub offset: Vec<Size>,
    /// By axis.
    pub strides: Vec<Size>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// An element of a tensor that stands in the cell of a value.
    Load {
        from: ValueId,
        view: View,
    },
    Constant {
        bits: u64,
    },
    Scalar(ScalarId),
    /// A number of elements, as a float.
    Count(Size),
    Unary(Unary, NodeId),
    Binary(Binary, NodeId, NodeId),
    Convert(NodeId),
    /// Of single numbers only: the second where the first is zero, else the third.
    IfZero(NodeId, NodeId, NodeId),
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    nodes: Vec<(Node, DType)>,
    places: BTreeMap<(Node, DType), NodeId>,
}

impl Pool {
    pub fn add(&mut self, node: Node, dtype: DType) -> NodeId {
        let key = (node, dtype);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        self.nodes.push(key.clone());
        self.places.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    pub fn node(&self, id: NodeId) -> &Node {
        // Places come from `add` alone.
        &self.nodes[id].0
    }

    /// The element type.
    pub fn dtype(&self, id: NodeId) -> DType {
        self.nodes[id].1
    }

    pub fn inner(&self, id: NodeId) -> Vec<NodeId> {
        match self.node(id) {
            Node::Load { .. } | Node::Constant { .. } | Node::Scalar(_) | Node::Count(_) => Vec::new(),
            Node::Unary(_, x) | Node::Convert(x) => vec![*x],
            Node::Binary(_, x, y) => vec![*x, *y],
            Node::IfZero(x, y, z) => vec![*x, *y, *z],
        }
    }

    /// The node and all below it.
    pub fn all(&self, id: NodeId) -> BTreeSet<NodeId> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.inner(id));
            }
        }
        seen
    }

    pub fn loads(&self, id: NodeId) -> Vec<NodeId> {
        self.all(id).into_iter().filter(|id| matches!(self.node(*id), Node::Load { .. })).collect()
    }

    /// Whether reading the element again costs no more than keeping it would.
    pub fn is_cheap(&self, id: NodeId) -> bool {
        match self.node(id) {
            Node::Convert(x) => self.inner(*x).is_empty(),
            _ => self.inner(id).is_empty(),
        }
    }

    /// Whether computing it may fail: whole numbers overflow, and nothing divides them by zero.
    pub fn may_fail(&self, id: NodeId) -> bool {
        match self.node(id) {
            Node::Unary(Unary::Neg | Unary::Abs, _) => matches!(self.dtype(id), DType::I32 | DType::I64),
            Node::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div, ..) => !self.dtype(id).is_float(),
            _ => false,
        }
    }

    /// The expression under other axes: `change` says where each element lies then.
    pub fn moved(&mut self, id: NodeId, change: &dyn Fn(&View) -> View) -> NodeId {
        let mut done = BTreeMap::new();
        for old in self.all(id) {
            let at = |x: &NodeId| done.get(x).copied().unwrap_or(*x);
            let node = match self.node(old) {
                Node::Load { from, view } => Node::Load { from: *from, view: change(view) },
                Node::Unary(op, x) => Node::Unary(*op, at(x)),
                Node::Binary(op, x, y) => Node::Binary(*op, at(x), at(y)),
                Node::Convert(x) => Node::Convert(at(x)),
                other => other.clone(),
            };
            // What is inside has a smaller number, so it was moved before.
            let new = self.add(node, self.dtype(old));
            done.insert(old, new);
        }
        done.get(&id).copied().unwrap_or(id)
    }

    /// Whether every tensor inside lies as its elements are counted, without gaps.
    pub fn is_dense(&self, sizes: &Sizes, id: NodeId, dims: &[Size]) -> bool {
        let wanted = super::size::row_major(dims);
        self.loads(id).into_iter().all(|load| match self.node(load) {
            Node::Load { view, .. } => view.strides.iter().zip(&wanted).zip(dims).all(|((stride, wanted), dim)| {
                sizes.resolved(dim).known() == Some(1) || sizes.resolved(stride) == sizes.resolved(wanted)
            }),
            _ => true,
        })
    }
}
