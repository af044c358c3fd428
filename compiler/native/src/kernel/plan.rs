//! A kernel before it is machine code: the tensors it makes, and the loops that fill them, in order.
//!
//! Operations that go element by element and those that only move elements become expressions; loops exist where a tensor is
//! needed as a whole: because it outlives the kernel, is read more than once, or an operation looks at all of it.

use super::Kernel;
use super::expr::{Binary, Node, NodeId, Pool, ScalarId, Unary, View};
use super::group::tensor;
use super::nest::{Keep, Nest};
use super::size::{Check, Origin, Size, Sizes, row_major};
use mu_format::ir::{Attr, Inst, Kind, ValueId};
use mu_format::op::Op;
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

    fn moved(&mut self, tensor: &Tensor, change: &dyn Fn(&View) -> View) -> NodeId {
        self.plan.pool.moved(tensor.node, change)
    }

    fn convert(&mut self, x: NodeId, to: DType) -> NodeId {
        if self.dtype(x) == to { x } else { self.add(Node::Convert(x), to) }
    }

    /// Both operands over one shape, for which one of them may be a scalar.
    fn joint(&mut self, a: &Tensor, b: &Tensor) -> Vec<Size> {
        if b.dims.is_empty() {
            a.dims.clone()
        } else if a.dims.is_empty() {
            b.dims.clone()
        } else {
            self.plan.sizes.unify_all(&a.dims, &b.dims)
        }
    }

    fn op(&mut self, op: Op, attrs: &[Attr], args: &[ValueId], result: ValueId) -> Planned<()> {
        let arg = |i: usize| args.get(i).copied().ok_or("an argument is missing");
        let (wanted, _) = self.ty(result)?;
        if let Some(op) = unary(op) {
            let x = self.value(arg(0)?)?;
            // Numbers without a sign are their own magnitude.
            let same = op == Unary::Abs && wanted == DType::U8;
            let node = if same { x.node } else { self.add(Node::Unary(op, x.node), wanted) };
            return self.finish(result, x.dims, node);
        }
        if let Some(op) = binary(op) {
            let (a, b) = (self.value(arg(0)?)?, self.value(arg(1)?)?);
            let dims = self.joint(&a, &b);
            let node = self.add(Node::Binary(op, a.node, b.node), wanted);
            return self.finish(result, dims, node);
        }
        match op {
            Op::ToF32 | Op::ToF64 | Op::ToI64 | Op::ToI32 => {
                let x = self.value(arg(0)?)?;
                let node = self.convert(x.node, wanted);
                self.finish(result, x.dims, node)
            }
            Op::Clamp => {
                let (x, low, high) = (self.value(arg(0)?)?, self.value(arg(1)?)?, self.value(arg(2)?)?);
                let node = self.add(Node::Binary(Binary::Max, x.node, low.node), wanted);
                let node = self.add(Node::Binary(Binary::Min, node, high.node), wanted);
                self.finish(result, x.dims, node)
            }
            Op::Scale => {
                let (x, by) = (self.value(arg(0)?)?, self.value(arg(1)?)?);
                let node = self.convert(x.node, DType::F32);
                let node = self.add(Node::Binary(Binary::Mul, node, by.node), DType::F32);
                self.finish(result, x.dims, node)
            }
            Op::Normalize => self.normalize(arg(0)?, arg(1)?, arg(2)?, result),
            Op::Zeros | Op::ZerosLike | Op::OnesLike => {
                let dims = match (args.first(), attrs) {
                    (Some(x), _) => self.value(*x)?.dims,
                    (None, [Attr::Ints(shape)]) => shape.iter().map(|n| Size::fixed(*n)).collect(),
                    _ => return Err("a shape is missing".into()),
                };
                let one = op == Op::OnesLike;
                let bits = match wanted {
                    DType::F32 if one => u64::from(1f32.to_bits()),
                    DType::F64 if one => 1f64.to_bits(),
                    _ => u64::from(one),
                };
                let node = self.add(Node::Constant { bits }, wanted);
                self.finish(result, dims, node)
            }
            Op::Concat | Op::ConcatLast => self.concat(op == Op::Concat, arg(0)?, arg(1)?, result),
            Op::Reshape => self.reshape(attrs, arg(0)?, result),
            Op::Batch | Op::First | Op::Slice | Op::SliceLast | Op::Transpose | Op::Hwc | Op::Chw | Op::Flip => {
                self.layout(op, attrs, arg(0)?, result)
            }
            _ => self.summary(op, args, result),
        }
    }

    fn normalize(&mut self, x: ValueId, means: ValueId, deviations: ValueId, result: ValueId) -> Planned<()> {
        let x = self.value(x)?;
        let mut dims = x.dims.clone();
        let mut along_channels = |planner: &mut Self, value: ValueId| {
            let y = planner.value(value)?;
            if let ([channels], Some(first)) = (y.dims.as_slice(), dims.first_mut()) {
                *first = planner.plan.sizes.unify(first, channels);
            }
            let rest = x.dims.len().saturating_sub(1);
            Ok::<_, String>(planner.moved(&y, &|view| View {
                offset: view.offset.clone(),
                strides: [view.strides.as_slice(), &zeros(rest)].concat(),
            }))
        };
        let (means, deviations) = (along_channels(self, means)?, along_channels(self, deviations)?);
        let node = self.convert(x.node, DType::F32);
        let node = self.add(Node::Binary(Binary::Sub, node, means), DType::F32);
        let node = self.add(Node::Binary(Binary::Div, node, deviations), DType::F32);
        self.finish(result, dims, node)
    }

    /// Two loops fill two parts of one tensor.
    fn concat(&mut self, first_axis: bool, a: ValueId, b: ValueId, result: ValueId) -> Planned<()> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        let axis = if first_axis { 0 } else { a.dims.len().saturating_sub(1) };
        let mut dims = Vec::new();
        for (i, (x, y)) in a.dims.iter().zip(&b.dims).enumerate() {
            dims.push(if i == axis { self.plan.sizes.added(x, y) } else { self.plan.sizes.unify(x, y) });
        }
        let dims = self.declared(result, dims)?;
        self.make(result, &dims)?;
        let strides = row_major(&dims);
        let distance = match (a.dims.get(axis), strides.get(axis)) {
            (Some(wide), Some(stride)) => wide.times(stride),
            _ => return Err("a scalar has no axes".into()),
        };
        for (part, offset) in [(a, Vec::new()), (b, vec![distance])] {
            let view = View { offset, strides: strides.clone() };
            self.plan.steps.push(Step::Map { to: result, dims: part.dims, view, node: part.node });
        }
        Ok(())
    }

    fn reshape(&mut self, attrs: &[Attr], x: ValueId, result: ValueId) -> Planned<()> {
        let [Attr::Ints(wanted)] = attrs else { return Err("a shape is missing".into()) };
        let mut tensor = self.value(x)?;
        if !self.plan.pool.is_dense(&self.plan.sizes, tensor.node, &tensor.dims) {
            tensor = self.force(x)?;
        }
        let count = Size::product(&tensor.dims);
        let known: i64 = wanted.iter().filter(|n| **n >= 0).fold(1, |all, n| all.wrapping_mul(*n));
        let sizes = &mut self.plan.sizes;
        let open = match sizes.resolved(&count).known() {
            Some(count) => Size::fixed(count.checked_div(known).unwrap_or_default()),
            None if wanted.iter().any(|n| *n < 0) => sizes.add(Origin::Quotient(count.clone(), known)),
            None => Size::fixed(0),
        };
        let dims: Vec<Size> = wanted.iter().map(|n| if *n < 0 { open.clone() } else { Size::fixed(*n) }).collect();
        sizes.checks.push(Check::Equal(count, Size::product(&dims)));
        let strides = row_major(&dims);
        let node = self.moved(&tensor, &|view| View { offset: view.offset.clone(), strides: strides.clone() });
        self.finish(result, dims, node)
    }

    fn layout(&mut self, op: Op, attrs: &[Attr], x: ValueId, result: ValueId) -> Planned<()> {
        let x = self.value(x)?;
        let rank = x.dims.len();
        let int = |k: usize| match attrs.get(k) {
            Some(Attr::Int(n)) => Ok(*n),
            _ => Err("a constant argument is missing"),
        };
        let last = rank.saturating_sub(1);
        let order: Vec<usize> = match (op, rank) {
            (Op::Hwc, _) => vec![1, 2, 0],
            (Op::Chw, _) => vec![2, 0, 1],
            (Op::Transpose, 2..) => (0..rank - 2).chain([rank - 1, rank - 2]).collect(),
            _ => (0..rank).collect(),
        };
        let mut dims: Vec<Size> = order.iter().filter_map(|axis| x.dims.get(*axis).cloned()).collect();
        let cut = |from: i64, axis: usize| {
            move |view: &View| {
                let mut view = view.clone();
                view.offset.extend(view.strides.get(axis).map(|stride| stride.times(&Size::fixed(from))));
                view
            }
        };
        let node = match op {
            Op::Batch => {
                dims.insert(0, Size::fixed(1));
                let change = |view: &View| View {
                    offset: view.offset.clone(),
                    strides: [&zeros(1), view.strides.as_slice()].concat(),
                };
                self.moved(&x, &change)
            }
            Op::First => {
                dims.remove(0);
                let change = |view: &View| View {
                    offset: view.offset.clone(),
                    strides: view.strides.get(1..).unwrap_or_default().to_vec(),
                };
                self.moved(&x, &change)
            }
            Op::Slice | Op::SliceLast => {
                let axis = if op == Op::Slice { 0 } else { last };
                let (from, to) = (int(0)?, int(1)?);
                if let Some(dim) = dims.get_mut(axis) {
                    self.plan.sizes.checks.push(Check::AtLeast(dim.clone(), to));
                    *dim = Size::fixed(to.saturating_sub(from));
                }
                self.moved(&x, &cut(from, axis))
            }
            Op::Flip => {
                let count = x.dims.first().cloned().ok_or("a scalar has no axes")?;
                let change = |view: &View| {
                    let mut view = view.clone();
                    if let Some(stride) = view.strides.first_mut() {
                        view.offset.extend([stride.times(&count), stride.negated()]);
                        *stride = stride.negated();
                    }
                    view
                };
                self.moved(&x, &change)
            }
            _ => {
                let change = |view: &View| View {
                    offset: view.offset.clone(),
                    strides: order.iter().filter_map(|axis| view.strides.get(*axis).cloned()).collect(),
                };
                self.moved(&x, &change)
            }
        };
        self.finish(result, dims, node)
    }

    fn sum(&mut self, dims: &[Size], node: NodeId) -> NodeId {
        let scalar = self.fresh();
        self.plan.steps.push(Step::Sum { scalar, dims: dims.to_vec(), node });
        let dtype = self.dtype(node);
        self.add(Node::Scalar(scalar), dtype)
    }

    /// The sum of the products of two vectors.
    fn product(&mut self, a: &Tensor, b: &Tensor) -> NodeId {
        let node = self.add(Node::Binary(Binary::Mul, a.node, b.node), DType::F32);
        self.sum(&a.dims, node)
    }

    fn root(&mut self, x: NodeId) -> NodeId {
        self.add(Node::Unary(Unary::Sqrt, x), DType::F32)
    }

    /// Operations that look at a tensor as a whole.
    fn summary(&mut self, op: Op, args: &[ValueId], result: ValueId) -> Planned<()> {
        let arg = |i: usize| args.get(i).copied().ok_or("an argument is missing");
        let (dtype, _) = self.ty(arg(0)?)?;
        let node = match op {
            Op::Sum | Op::Mean => {
                let x = self.in_line(arg(0)?)?;
                let sum = self.sum(&x.dims, x.node);
                if op == Op::Mean {
                    let count = self.add(Node::Count(Size::product(&x.dims)), dtype);
                    self.add(Node::Binary(Binary::Div, sum, count), dtype)
                } else {
                    sum
                }
            }
            Op::LargestOf | Op::SmallestOf => {
                let x = self.in_line(arg(0)?)?;
                let scalar = self.fresh();
                let largest = op == Op::LargestOf;
                self.plan.steps.push(Step::Extreme { scalar, largest, dims: x.dims, node: x.node });
                self.add(Node::Scalar(scalar), dtype)
            }
            Op::Argmax => {
                let x = self.read_often(arg(0)?)?;
                let scalar = self.fresh();
                self.plan.steps.push(Step::Argmax { scalar, dims: x.dims, node: x.node });
                self.add(Node::Scalar(scalar), DType::I64)
            }
            Op::Dot => {
                let (a, b) = (self.value(arg(0)?)?, self.value(arg(1)?)?);
                self.plan.sizes.unify_all(&a.dims, &b.dims);
                self.product(&a, &b)
            }
            Op::Cosine | Op::Similarity => {
                let (a, b) = (self.read_often(arg(0)?)?, self.read_often(arg(1)?)?);
                self.plan.sizes.unify_all(&a.dims, &b.dims);
                let (aa, bb, ab) = (self.product(&a, &a), self.product(&b, &b), self.product(&a, &b));
                let (x, y) = (self.root(aa), self.root(bb));
                let lengths = self.add(Node::Binary(Binary::Mul, x, y), DType::F32);
                let quotient = self.add(Node::Binary(Binary::Div, ab, lengths), DType::F32);
                let none = self.constant(DType::F32, 0.0, 0.0);
                self.add(Node::IfZero(lengths, none, quotient), DType::F32)
            }
            Op::UnitLength => {
                let x = self.read_often(arg(0)?)?;
                let square = self.product(&x, &x);
                let length = self.root(square);
                let one = self.constant(DType::F32, 1.0, 1.0);
                // A vector of length zero stays as it is.
                let length = self.add(Node::IfZero(length, one, length), DType::F32);
                let length = self.settled(length);
                let node = self.add(Node::Binary(Binary::Div, x.node, length), DType::F32);
                return self.finish(result, x.dims, node);
            }
            Op::Softmax => {
                let x = self.read_often(arg(0)?)?;
                let dims = self.declared(result, x.dims)?;
                self.make(result, &dims)?;
                self.plan.steps.push(Step::Softmax { to: result, dims, node: x.node });
                return Ok(());
            }
            Op::MeanFirst => {
                let x = self.value(arg(0)?)?;
                let nest = Nest::of(&self.plan.pool, &self.plan.sizes, x.node, &x.dims, None, Keep::First);
                let x = if nest.dims.len() == 2 { x } else { self.force(arg(0)?)? };
                let rest = self.declared(result, x.dims.get(1..).unwrap_or_default().to_vec())?;
                self.plan.sizes.checks.push(Check::AtMost(Size::product(&rest), MOST_ELEMENTS));
                self.make(result, &rest)?;
                self.plan.steps.push(Step::MeanFirst { to: result, dims: x.dims, node: x.node });
                return Ok(());
            }
            _ => return Err(format!("`{}` is no operation of kernels", op.name())),
        };
        self.finish(result, Vec::new(), node)
    }
}

fn unary(op: Op) -> Option<Unary> {
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

fn binary(op: Op) -> Option<Binary> {
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
