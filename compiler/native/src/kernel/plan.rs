//! A kernel before it is machine code: the tensors it makes, and the loops that fill them, in order.
//!
//! Operations that go element by element and those that only move elements become expressions; loops exist where a tensor is
//! needed as a whole: because it outlives the kernel, is read more than once, or an operation looks at all of it.

mod ops;

use super::Kernel;
use super::expr::{Node, NodeId, Pool, ScalarId, View};
use super::group::tensor;
use super::nest::{Keep, Nest};
use super::size::{Check, Origin, Size, Sizes, row_major};
use mu_format::ir::{Inst, Kind, ValueId};
use mu_format::tensor::{DType, Data};
use mu_format::types::Dim;
use mu_format::value::Value;
use std::collections::BTreeMap;

/// Expressions do not grow beyond so many nodes.
const MOST_NODES: usize = 40;
/// What the interpreter lets a shape have that it makes room for.
const MOST_ELEMENTS: i64 = 1 << 28;

/// The kernel's loops; a step reads what steps before it made.
#[derive(Debug)]
pub(super) enum Step {
    /// A single number.
    Let {
        scalar: ScalarId,
        node: NodeId,
    },
    /// Each element into the tensor of a value, which lies under the axes as `view` says.
    Map {
        to: ValueId,
        dims: Vec<Size>,
        view: View,
        node: NodeId,
    },
    /// In the order of `mu_ops::reduce` for floats; exact for whole numbers.
    Sum {
        scalar: ScalarId,
        dims: Vec<Size>,
        node: NodeId,
    },
    Extreme {
        scalar: ScalarId,
        largest: bool,
        dims: Vec<Size>,
        node: NodeId,
    },
    /// The first place of the largest.
    Argmax {
        scalar: ScalarId,
        dims: Vec<Size>,
        node: NodeId,
    },
    /// Over the last axis.
    Softmax {
        to: ValueId,
        dims: Vec<Size>,
        node: NodeId,
    },
    /// Over the first axis.
    MeanFirst {
        to: ValueId,
        dims: Vec<Size>,
        node: NodeId,
    },
}

/// A tensor that the kernel makes.
#[derive(Debug)]
pub(super) struct Made {
    pub value: ValueId,
    pub dtype: DType,
    pub dims: Vec<Size>,
}

/// What an instruction costs besides its one step: an element of each group of `ELEMENTS`, rounded down, of arguments and result.
#[derive(Debug)]
pub(super) struct Cost {
    pub args: Vec<Size>,
    pub result: Size,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub pool: Pool,
    pub sizes: Sizes,
    /// Single numbers that are read from the cells of values.
    pub read: Vec<(ScalarId, DType, ValueId)>,
    pub scalars: ScalarId,
    pub made: Vec<Made>,
    pub steps: Vec<Step>,
    /// Single numbers that something after the kernel needs.
    pub results: Vec<(ValueId, NodeId)>,
    /// By operation.
    pub costs: Vec<Cost>,
}

/// A value within the kernel.
#[derive(Debug, Clone)]
struct Tensor {
    dims: Vec<Size>,
    node: NodeId,
}

type Planned<T> = Result<T, String>;

pub(super) fn plan(kernel: &Kernel) -> Planned<Plan> {
    let mut uses = BTreeMap::new();
    for arg in kernel.insts.iter().flat_map(|inst| inst.kind.args()) {
        *uses.entry(arg).or_insert(0) += 1;
    }
    let mut planner = Planner { kernel, plan: Plan::default(), values: BTreeMap::new(), uses };
    for inst in kernel.insts {
        planner.inst(inst)?;
    }
    for value in kernel.escaping {
        if let Some(tensor) = planner.values.get(value)
            && tensor.dims.is_empty()
        {
            planner.plan.results.push((*value, tensor.node));
        }
    }
    Ok(planner.plan)
}

struct Planner<'a> {
    kernel: &'a Kernel<'a>,
    plan: Plan,
    values: BTreeMap<ValueId, Tensor>,
    /// How often the kernel's instructions read a value.
    uses: BTreeMap<ValueId, usize>,
}

fn zeros(count: usize) -> Vec<Size> {
    vec![Size::fixed(0); count]
}

impl Planner<'_> {
    fn add(&mut self, node: Node, dtype: DType) -> NodeId {
        self.plan.pool.add(node, dtype)
    }

    fn dtype(&self, id: NodeId) -> DType {
        self.plan.pool.dtype(id)
    }

    fn fresh(&mut self) -> ScalarId {
        self.plan.scalars += 1;
        self.plan.scalars - 1
    }

    fn ty(&self, value: ValueId) -> Planned<(DType, &[Dim])> {
        tensor(self.kernel.function, value).ok_or_else(|| format!("%{value} is no tensor that kernels take"))
    }

    /// A value that the kernel made, or an input.
    fn value(&mut self, value: ValueId) -> Planned<Tensor> {
        if let Some(tensor) = self.values.get(&value) {
            return Ok(tensor.clone());
        }
        let (dtype, declared) = self.ty(value)?;
        let declared = declared.to_vec();
        let dims: Vec<Size> = declared
            .iter()
            .enumerate()
            .map(|(axis, dim)| match dim {
                Dim::Is(n) => Size::fixed(n.cast_signed()),
                Dim::UpTo(_) | Dim::Any => self.plan.sizes.add(Origin::Input { value, axis }),
            })
            .collect();
        let node = if dims.is_empty() {
            let scalar = self.fresh();
            self.plan.read.push((scalar, dtype, value));
            self.add(Node::Scalar(scalar), dtype)
        } else {
            self.load(value, dtype, &dims)
        };
        let tensor = Tensor { dims, node };
        self.values.insert(value, tensor.clone());
        Ok(tensor)
    }

    fn load(&mut self, from: ValueId, dtype: DType, dims: &[Size]) -> NodeId {
        let view = View { offset: Vec::new(), strides: row_major(dims) };
        self.add(Node::Load { from, view }, dtype)
    }

    fn inst(&mut self, inst: &Inst) -> Planned<()> {
        match &inst.kind {
            Kind::Literal(literal) => self.literal(inst.result, literal),
            Kind::Const(id) => {
                let program = self.kernel.program;
                let constant = program.constants.get(*id as usize).ok_or("there is no such constant")?;
                self.literal(inst.result, &constant.value)
            }
            Kind::Field { .. } => Ok(()),
            Kind::Op { op, attrs, args } => {
                let given = args.iter().map(|arg| self.value(*arg)).collect::<Planned<Vec<_>>>()?;
                let weights = args.iter().zip(&given).map(|(arg, tensor)| self.weight(*arg, &tensor.dims));
                let weights = weights.collect::<Planned<Vec<_>>>()?;
                self.op(*op, attrs, args, inst.result)?;
                let dims = self.values.get(&inst.result).map(|tensor| tensor.dims.clone()).unwrap_or_default();
                let result = self.weight(inst.result, &dims)?;
                self.plan.costs.push(Cost { args: weights, result });
                Ok(())
            }
            _ => Err("the instruction is none for kernels".into()),
        }
    }

    /// As the interpreter weighs values: u8 and i32 have no scalars of their own there.
    fn weight(&self, value: ValueId, dims: &[Size]) -> Planned<Size> {
        Ok(match self.ty(value)? {
            (DType::U8 | DType::I32, []) => Size::fixed(1),
            (_, []) => Size::fixed(0),
            _ => Size::product(dims),
        })
    }

    /// Single numbers are written into the code; tensors are read where they stand.
    fn literal(&mut self, result: ValueId, value: &Value) -> Planned<()> {
        let (dtype, bits) = match value {
            Value::Bool(x) => (DType::Bool, u64::from(*x)),
            Value::I64(x) => (DType::I64, x.cast_unsigned()),
            Value::F32(x) => (DType::F32, u64::from(x.to_bits())),
            Value::F64(x) => (DType::F64, x.to_bits()),
            Value::Tensor(tensor) if tensor.shape.is_empty() => match &tensor.data {
                Data::U8(x) => (DType::U8, u64::from(x.first().copied().unwrap_or_default())),
                Data::I32(x) => (DType::I32, u64::from(x.first().copied().unwrap_or_default().cast_unsigned())),
                _ => return Err("a scalar has a value of its own".into()),
            },
            _ => return Ok(()),
        };
        let node = self.add(Node::Constant { bits }, dtype);
        self.values.insert(result, Tensor { dims: Vec::new(), node });
        Ok(())
    }

    fn constant(&mut self, dtype: DType, single: f32, double: f64) -> NodeId {
        let bits = if dtype == DType::F32 { u64::from(single.to_bits()) } else { double.to_bits() };
        self.add(Node::Constant { bits }, dtype)
    }

    /// Takes note of a result, and makes a loop for it where it is needed as a whole.
    fn finish(&mut self, result: ValueId, dims: Vec<Size>, node: NodeId) -> Planned<()> {
        let dims = self.declared(result, dims)?;
        if dims.is_empty() {
            let node = self.settled(node);
            self.values.insert(result, Tensor { dims, node });
            return Ok(());
        }
        let uses = self.uses.get(&result).copied().unwrap_or_default();
        let pool = &self.plan.pool;
        let whole = self.kernel.escaping.contains(&result)
            || pool.may_fail(node)
            || (uses > 1 && !pool.is_cheap(node))
            || pool.all(node).len() > MOST_NODES;
        self.values.insert(result, Tensor { dims, node });
        if whole { self.force(result).map(drop) } else { Ok(()) }
    }

    /// Single numbers are computed once.
    fn settled(&mut self, node: NodeId) -> NodeId {
        if matches!(self.plan.pool.node(node), Node::Constant { .. } | Node::Scalar(_)) {
            return node;
        }
        let scalar = self.fresh();
        self.plan.steps.push(Step::Let { scalar, node });
        let dtype = self.dtype(node);
        self.add(Node::Scalar(scalar), dtype)
    }

    /// The dimensions, held against the type that the plan promises.
    fn declared(&mut self, result: ValueId, dims: Vec<Size>) -> Planned<Vec<Size>> {
        let (_, declared) = self.ty(result)?;
        let declared = declared.to_vec();
        if declared.len() != dims.len() {
            return Err(format!("%{result} has another number of dimensions"));
        }
        let sizes = &mut self.plan.sizes;
        let held = dims.iter().zip(declared).map(|(dim, declared)| match declared {
            Dim::Is(n) => sizes.unify(dim, &Size::fixed(n.cast_signed())),
            Dim::UpTo(n) => {
                sizes.checks.push(Check::AtMost(dim.clone(), i64::try_from(n).unwrap_or(i64::MAX)));
                dim.clone()
            }
            Dim::Any => dim.clone(),
        });
        let held: Vec<Size> = held.collect();
        // Loops rely on elements being there.
        let empty = held.iter().filter(|dim| self.plan.sizes.resolved(dim).known().is_some_and(|n| n < 1));
        let empty: Vec<Check> = empty.map(|dim| Check::AtLeast(dim.clone(), 1)).collect();
        self.plan.sizes.checks.extend(empty);
        Ok(held)
    }

    fn make(&mut self, value: ValueId, dims: &[Size]) -> Planned<NodeId> {
        let (dtype, _) = self.ty(value)?;
        self.plan.made.push(Made { value, dtype, dims: dims.to_vec() });
        let node = self.load(value, dtype, dims);
        self.values.insert(value, Tensor { dims: dims.to_vec(), node });
        Ok(node)
    }

    /// The value as a tensor in memory, made by a loop unless it is one.
    fn force(&mut self, value: ValueId) -> Planned<Tensor> {
        let tensor = self.value(value)?;
        let in_place =
            !self.kernel.insts.iter().any(|inst| inst.result == value && matches!(inst.kind, Kind::Op { .. }))
                || self.plan.made.iter().any(|made| made.value == value);
        if in_place || tensor.dims.is_empty() {
            return Ok(tensor);
        }
        let node = self.make(value, &tensor.dims)?;
        let view = View { offset: Vec::new(), strides: row_major(&tensor.dims) };
        self.plan.steps.push(Step::Map { to: value, dims: tensor.dims.clone(), view, node: tensor.node });
        Ok(Tensor { dims: tensor.dims, node })
    }

    /// The value, in memory where its expression is worth to be computed once only.
    fn read_often(&mut self, value: ValueId) -> Planned<Tensor> {
        let tensor = self.value(value)?;
        if self.plan.pool.is_cheap(tensor.node) { Ok(tensor) } else { self.force(value) }
    }

    /// The value, in memory where one loop cannot go through it as its elements are counted.
    fn in_line(&mut self, value: ValueId) -> Planned<Tensor> {
        let tensor = self.value(value)?;
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, tensor.node, &tensor.dims, None, Keep::None);
        if nest.dims.len() <= 1 { Ok(tensor) } else { self.force(value) }
    }
}

impl Plan {
    /// The tensors that the loops read or write.
    pub fn tensors(&self) -> Vec<ValueId> {
        let mut seen: Vec<ValueId> = self.made.iter().map(|made| made.value).collect();
        for step in &self.steps {
            let node = match step {
                Step::Let { node, .. }
                | Step::Map { node, .. }
                | Step::Sum { node, .. }
                | Step::Extreme { node, .. }
                | Step::Argmax { node, .. }
                | Step::Softmax { node, .. }
                | Step::MeanFirst { node, .. } => *node,
            };
            for load in self.pool.loads(node) {
                if let Node::Load { from, .. } = self.pool.node(load) {
                    seen.push(*from);
                }
            }
        }
        seen.sort_unstable();
        seen.dedup();
        seen
    }
}
