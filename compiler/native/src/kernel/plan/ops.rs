//! What each operation adds to a plan: expressions, views, loops.

use super::{MOST_ELEMENTS, Planned, Planner, Step, Tensor, zeros};
use crate::kernel::expr::{Binary, Node, NodeId, Unary, View};
use crate::kernel::nest::{Keep, Nest};
use crate::kernel::size::{Check, Origin, Size, row_major};
use mu_format::ir::{Attr, ValueId};
use mu_format::op::Op;
use mu_format::tensor::DType;

impl Planner<'_> {
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

    pub(super) fn op(&mut self, op: Op, attrs: &[Attr], args: &[ValueId], result: ValueId) -> Planned<()> {
        let arg = |i: usize| args.get(i).copied().ok_or("an argument is missing");
        let (wanted, _) = self.ty(result)?;
        if let Some(op) = Unary::of(op) {
            let x = self.value(arg(0)?)?;
            // Numbers without a sign are their own magnitude.
            let same = op == Unary::Abs && wanted == DType::U8;
            let node = if same { x.node } else { self.add(Node::Unary(op, x.node), wanted) };
            return self.finish(result, x.dims, node);
        }
        if let Some(op) = Binary::of(op) {
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
