//! Loops over the elements of an expression, several at a time where rows have its operations.

use super::emit::Emit;
use super::expr::{Binary, Node, NodeId, View};
use super::nest::{Keep, Nest};
use super::size::Size;
use super::wide::{self, Rows, flags, lane};
use super::{math, scalar};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use mu_format::ir::ValueId;
use mu_format::tensor::DType;
use std::collections::BTreeMap;

type Emitted<T> = Result<T, String>;

/// How far neighbours along the innermost loop stand apart.
#[derive(Debug, Clone, Copy)]
enum Stride {
    None,
    Unit,
    /// So many bytes, which may be known.
    Bytes(Value, Option<i64>),
}

/// Where the outer loops have come to: the addresses of what the innermost one reads and writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    loads: BTreeMap<NodeId, Value>,
    pub out: Option<Value>,
}

/// The innermost loop at a cursor, and what does not change within it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    loads: BTreeMap<NodeId, (Value, Stride)>,
    fixed: BTreeMap<NodeId, Value>,
    fixed_rows: BTreeMap<NodeId, Rows>,
    /// How many elements a step takes.
    step: usize,
}

impl Place {
    pub fn nowhere() -> Place {
        Place::default()
    }
}

impl Emit<'_, '_> {
    /// `body` for each `by`th number from `from` up to, but without, `to`.
    pub fn repeat(
        &mut self,
        from: Value,
        to: Value,
        by: usize,
        body: &mut dyn FnMut(&mut Self, Value) -> Emitted<()>,
    ) -> Emitted<()> {
        let (inside, after) = (self.b.create_block(), self.b.create_block());
        let i = self.b.append_block_param(inside, types::I64);
        let any = self.b.ins().icmp(IntCC::SignedLessThan, from, to);
        self.b.ins().brif(any, inside, &[from.into()], after, &[]);
        self.b.switch_to_block(inside);
        body(self, i)?;
        let next = self.b.ins().iadd_imm_s(i, by as i64);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, next, to);
        self.b.ins().brif(more, inside, &[next.into()], after, &[]);
        self.b.switch_to_block(after);
        Ok(())
    }

    /// `body` for steps that cover `0..n`, where `n` is no less than a step; the last one may overlap the one before.
    fn cover(&mut self, n: Value, step: usize, body: &mut dyn FnMut(&mut Self, Value) -> Emitted<()>) -> Emitted<()> {
        let (inside, after) = (self.b.create_block(), self.b.create_block());
        let i = self.b.append_block_param(inside, types::I64);
        let zero = self.int(0);
        let last = self.b.ins().iadd_imm_s(n, -(step as i64));
        self.b.ins().jump(inside, &[zero.into()]);
        self.b.switch_to_block(inside);
        body(self, i)?;
        let next = self.b.ins().iadd_imm_s(i, step as i64);
        let fits = self.b.ins().icmp(IntCC::SignedLessThan, next, last);
        let next = self.b.ins().select(fits, next, last);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, i, last);
        self.b.ins().brif(more, inside, &[next.into()], after, &[]);
        self.b.switch_to_block(after);
        Ok(())
    }

    /// `rows` in steps over `0..n`, where an element may be met twice; `one` for each element of what is shorter than a step.
    pub fn over(
        &mut self,
        dim: &Size,
        step: Option<usize>,
        rows: &mut dyn FnMut(&mut Self, Value) -> Emitted<()>,
        one: &mut dyn FnMut(&mut Self, Value) -> Emitted<()>,
    ) -> Emitted<()> {
        let (n, zero) = (self.size(dim), self.int(0));
        let Some(step) = step else { return self.repeat(zero, n, 1, one) };
        if self.plan.sizes.resolved(dim).known().is_some() {
            return self.cover(n, step, rows);
        }
        let (long, short, after) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let enough = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, n, step as i64);
        self.b.ins().brif(enough, long, &[], short, &[]);
        self.b.switch_to_block(long);
        self.cover(n, step, rows)?;
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(short);
        self.repeat(zero, n, 1, one)?;
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(after);
        Ok(())
    }

    /// How many elements of the expression the innermost loop computes in a step, if rows have all it takes.
    pub fn step_of(&self, node: NodeId, nest: &Nest) -> Option<usize> {
        let pool = &self.plan.pool;
        let all = pool.all(node);
        let fits = all.iter().all(|id| match pool.node(*id) {
            Node::Unary(op, _) => wide::has_unary(*op, pool.dtype(*id)),
            Node::Binary(op, x, _) => wide::has_binary(*op, pool.dtype(*x)),
            Node::Convert(x) => wide::has_conversion(pool.dtype(*x), pool.dtype(*id)),
            Node::IfZero(..) => false,
            Node::Load { .. } | Node::Constant { .. } | Node::Scalar(_) | Node::Count(_) => true,
        });
        let unit = |view: Option<&View>| view.is_none_or(|view| view.strides.last() == Some(&Size::fixed(1)));
        let copies_apart =
            matches!(pool.node(node), Node::Load { .. }) && !(unit(nest.loads.get(&node)) && unit(nest.out.as_ref()));
        if !fits || copies_apart {
            return None;
        }
        let sizes = || all.iter().map(|id| pool.dtype(*id).size());
        let most = wide::step(all.iter().map(|id| pool.dtype(*id)));
        let least = if sizes().min() == Some(1) { 8 } else { 4 };
        let known = nest.dims.last().map(|dim| self.plan.sizes.resolved(dim).known());
        match known.flatten() {
            Some(n) => [most, most / 2, most / 4].into_iter().find(|step| *step >= least && *step as i64 <= n),
            None => Some(most),
        }
    }

    /// The addresses at the start of all loops.
    pub fn start_of(&mut self, nest: &Nest, out: Option<(ValueId, DType)>) -> Emitted<Cursor> {
        let mut cursor = Cursor::default();
        for (load, view) in &nest.loads {
            if let Node::Load { from, .. } = self.plan.pool.node(*load) {
                let at = self.start(*from, &view.offset, self.plan.pool.dtype(*load))?;
                cursor.loads.insert(*load, at);
            }
        }
        if let (Some((value, dtype)), Some(view)) = (out, &nest.out) {
            cursor.out = Some(self.start(value, &view.offset, dtype)?);
        }
        Ok(cursor)
    }

    fn stepped(&mut self, at: Value, view: &View, axis: usize, i: Value, dtype: DType) -> Value {
        match view.strides.get(axis) {
            Some(stride) if stride.known() != Some(0) => {
                let bytes = self.size(&stride.times(&Size::fixed(dtype.size() as i64)));
                let distance = self.b.ins().imul(i, bytes);
                self.b.ins().iadd(at, distance)
            }
            _ => at,
        }
    }

    /// The cursor `i` steps on along a loop.
    pub fn advanced(&mut self, nest: &Nest, cursor: &Cursor, axis: usize, i: Value, out: DType) -> Cursor {
        let mut next = Cursor::default();
        for (load, at) in &cursor.loads {
            if let Some(view) = nest.loads.get(load) {
                let at = self.stepped(*at, view, axis, i, self.plan.pool.dtype(*load));
                next.loads.insert(*load, at);
            }
        }
        next.out = match (cursor.out, &nest.out) {
            (Some(at), Some(view)) => Some(self.stepped(at, view, axis, i, out)),
            _ => None,
        };
        next
    }

    /// `body` for each place of the loops from `axis` on but the innermost.
    pub fn outer(
        &mut self,
        nest: &Nest,
        axis: usize,
        cursor: &Cursor,
        out: DType,
        body: &mut dyn FnMut(&mut Self, &Cursor) -> Emitted<()>,
    ) -> Emitted<()> {
        if axis + 1 >= nest.dims.len() {
            return body(self, cursor);
        }
        let (zero, to) = (self.int(0), nest.dims.get(axis).map(|dim| self.size(dim)));
        let to = to.ok_or("a loop has no length")?;
        self.repeat(zero, to, 1, &mut |emit, i| {
            let cursor = emit.advanced(nest, cursor, axis, i, out);
            emit.outer(nest, axis + 1, &cursor, out, body)
        })
    }

    fn stride(&mut self, view: &View, dtype: DType) -> Stride {
        match view.strides.last() {
            None => Stride::None,
            Some(stride) if stride.known() == Some(0) => Stride::None,
            Some(stride) if stride.known() == Some(1) => Stride::Unit,
            Some(stride) => {
                let bytes = stride.times(&Size::fixed(dtype.size() as i64));
                Stride::Bytes(self.size(&bytes), bytes.known())
            }
        }
    }

    /// The innermost loop at a cursor; what stays the same in it is computed here.
    pub fn place(&mut self, nest: &Nest, cursor: &Cursor, node: NodeId, step: Option<usize>) -> Emitted<Place> {
        let mut place = Place { step: step.unwrap_or(1), ..Place::default() };
        for (load, at) in &cursor.loads {
            if let Some(view) = nest.loads.get(load) {
                let stride = self.stride(view, self.plan.pool.dtype(*load));
                place.loads.insert(*load, (*at, stride));
            }
        }
        let pool = &self.plan.pool;
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            let moves = |load: &NodeId| !matches!(place.loads.get(load), Some((_, Stride::None)));
            if place.fixed.contains_key(&id) || matches!(pool.node(id), Node::Constant { .. }) {
                continue;
            }
            if pool.loads(id).iter().any(moves) {
                open.extend(pool.inner(id));
                continue;
            }
            let x = self.one(id, &place)?;
            place.fixed.insert(id, x);
            if let Some(step) = step {
                let rows = wide::splat(&mut self.b, pool.dtype(id), step, x);
                place.fixed_rows.insert(id, rows);
            }
        }
        Ok(place)
    }

    /// The place of an expression of single numbers, or of a nest's only loop.
    pub fn place_of(&mut self, node: NodeId, dims: &[Size]) -> Emitted<Place> {
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, node, dims, None, Keep::None);
        let cursor = self.start_of(&nest, None)?;
        self.place(&nest, &cursor, node, None)
    }

    pub fn one(&mut self, node: NodeId, place: &Place) -> Emitted<Value> {
        let zero = self.int(0);
        self.element(node, place, zero)
    }

    /// Element `i` of the innermost loop.
    pub fn element(&mut self, node: NodeId, place: &Place, i: Value) -> Emitted<Value> {
        self.element_of(node, place, i, &mut BTreeMap::new())
    }

    fn address(&mut self, at: Value, stride: Stride, i: Value, dtype: DType) -> Value {
        match stride {
            Stride::None => at,
            Stride::Unit => {
                let bytes = self.b.ins().ishl_imm_u(i, i64::from(dtype.size().trailing_zeros()));
                self.b.ins().iadd(at, bytes)
            }
            Stride::Bytes(distance, _) => {
                let bytes = self.b.ins().imul(i, distance);
                self.b.ins().iadd(at, bytes)
            }
        }
    }

    /// Whether the node is known to be no NaN.
    fn is_sure(&self, node: NodeId) -> bool {
        let dtype = self.plan.pool.dtype(node);
        match self.plan.pool.node(node) {
            Node::Constant { bits } if dtype == DType::F32 => !f32::from_bits(*bits as u32).is_nan(),
            Node::Constant { bits } if dtype == DType::F64 => !f64::from_bits(*bits).is_nan(),
            _ => false,
        }
    }

    fn element_of(
        &mut self,
        node: NodeId,
        place: &Place,
        i: Value,
        known: &mut BTreeMap<NodeId, Value>,
    ) -> Emitted<Value> {
        if let Some(x) = place.fixed.get(&node).or_else(|| known.get(&node)) {
            return Ok(*x);
        }
        let pool = &self.plan.pool;
        let dtype = pool.dtype(node);
        let (x, bad) = match pool.node(node) {
            Node::Load { .. } => {
                let (at, stride) = *place.loads.get(&node).ok_or("a tensor has no place")?;
                let at = self.address(at, stride, i, dtype);
                (self.b.ins().load(lane(dtype), flags(), at, 0), None)
            }
            Node::Constant { bits } => (math::constant(&mut self.b, lane(dtype), *bits), None),
            Node::Scalar(scalar) => (*self.scalars.get(scalar).ok_or("a number is missing")?, None),
            Node::Count(size) => {
                let count = self.size(size);
                (self.b.ins().fcvt_from_sint(lane(dtype), count), None)
            }
            Node::Unary(op, x) => {
                let x = self.element_of(*x, place, i, known)?;
                scalar::unary(&mut self.b, *op, dtype, x)
            }
            Node::Binary(op, x, y) => {
                let (of, sure) = (pool.dtype(*x), self.is_sure(*y));
                let (x, y) = (self.element_of(*x, place, i, known)?, self.element_of(*y, place, i, known)?);
                scalar::binary(&mut self.b, *op, of, x, y, sure)
            }
            Node::Convert(x) => {
                let from = pool.dtype(*x);
                let x = self.element_of(*x, place, i, known)?;
                (scalar::convert(&mut self.b, from, dtype, x), None)
            }
            Node::IfZero(x, yes, no) => {
                let x = self.element_of(*x, place, i, known)?;
                let (yes, no) = (self.element_of(*yes, place, i, known)?, self.element_of(*no, place, i, known)?);
                let zero = math::constant(&mut self.b, lane(dtype), 0);
                let is_zero = self.b.ins().fcmp(FloatCC::Equal, x, zero);
                (self.b.ins().select(is_zero, yes, no), None)
            }
        };
        if let Some(bad) = bad {
            self.note(bad);
        }
        known.insert(node, x);
        Ok(x)
    }

    /// The elements of the step that begins with element `i` of the innermost loop.
    pub fn rows(&mut self, node: NodeId, place: &Place, i: Value) -> Emitted<Rows> {
        self.rows_of(node, place, i, &mut BTreeMap::new())
    }

    fn rows_of(&mut self, node: NodeId, place: &Place, i: Value, known: &mut BTreeMap<NodeId, Rows>) -> Emitted<Rows> {
        if let Some(rows) = place.fixed_rows.get(&node).or_else(|| known.get(&node)) {
            return Ok(rows.clone());
        }
        let pool = &self.plan.pool;
        let dtype = pool.dtype(node);
        let rows = match pool.node(node) {
            Node::Load { .. } => {
                let (at, stride) = *place.loads.get(&node).ok_or("a tensor has no place")?;
                let at = self.address(at, stride, i, dtype);
                match stride {
                    Stride::Bytes(_, Some(known)) if wide::picks(dtype, place.step, known) => {
                        wide::pick(&mut self.b, at, known as usize)
                    }
                    Stride::Bytes(distance, _) => wide::gather(&mut self.b, dtype, place.step, at, distance),
                    _ => wide::load(&mut self.b, dtype, place.step, at),
                }
            }
            Node::Constant { bits } => wide::constant(&mut self.b, dtype, place.step, *bits),
            Node::Unary(op, x) => {
                let rows = self.rows_of(*x, place, i, known)?;
                rows.into_iter().map(|x| wide::unary(&mut self.b, *op, wide::row(dtype), x)).collect()
            }
            Node::Binary(op, x, y) => {
                let (of, sure) = (pool.dtype(*x), self.is_sure(*y));
                let (x, y) = (self.rows_of(*x, place, i, known)?, self.rows_of(*y, place, i, known)?);
                let ty = wide::row(of);
                let pairs = x.into_iter().zip(y);
                let rows: Rows = pairs.map(|(x, y)| wide::float_binary(&mut self.b, *op, ty, x, y, sure)).collect();
                let compared = dtype == DType::Bool && !matches!(op, Binary::And | Binary::Or);
                if compared { wide::bools(&mut self.b, of, &rows) } else { rows }
            }
            Node::Convert(x) => {
                let from = pool.dtype(*x);
                let rows = self.rows_of(*x, place, i, known)?;
                wide::convert(&mut self.b, from, dtype, place.step, rows)
            }
            Node::Scalar(_) | Node::Count(_) | Node::IfZero(..) => return Err("rows lack an operation".into()),
        };
        known.insert(node, rows.clone());
        Ok(rows)
    }

    /// Each element of the expression into a tensor.
    pub fn map(&mut self, to: ValueId, dims: &[Size], view: &View, node: NodeId) -> Emitted<()> {
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, node, dims, Some(view), Keep::None);
        let dtype = self.plan.pool.dtype(node);
        let step = self.step_of(node, &nest);
        let cursor = self.start_of(&nest, Some((to, dtype)))?;
        let inner = nest.dims.last().cloned().unwrap_or(Size::fixed(1));
        self.outer(&nest, 0, &cursor, dtype, &mut |emit, cursor| {
            let place = emit.place(&nest, cursor, node, step)?;
            let out = cursor.out.ok_or("a map has nowhere to go")?;
            let stride = match &nest.out {
                Some(view) => emit.stride(view, dtype),
                None => Stride::Unit,
            };
            emit.over(
                &inner,
                step,
                &mut |emit, i| {
                    let rows = emit.rows(node, &place, i)?;
                    let at = emit.address(out, stride, i, dtype);
                    match stride {
                        Stride::Bytes(distance, _) => {
                            wide::scatter(&mut emit.b, dtype, place.step, &rows, at, distance)
                        }
                        _ => wide::store(&mut emit.b, dtype, place.step, &rows, at),
                    }
                    Ok(())
                },
                &mut |emit, i| {
                    let x = emit.element(node, &place, i)?;
                    let at = emit.address(out, stride, i, dtype);
                    emit.b.ins().store(flags(), x, at, 0);
                    Ok(())
                },
            )
        })
    }
}
