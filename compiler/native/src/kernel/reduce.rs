//! One number out of many: sums in the stated order, extremes, and what is made of them.

use super::emit::Emit;
use super::expr::{Binary, NodeId, Unary, View};
use super::loops::Place;
use super::math::constant;
use super::nest::{Keep, Nest};
use super::scalar;
use super::size::{Size, row_major};
use super::wide::{self, Rows, flags, lane, row};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, StackSlot, StackSlotData, StackSlotKind, Value, types};
use cranelift_frontend::Variable;
use mu_format::ir::ValueId;
use mu_format::tensor::DType;

type Emitted<T> = Result<T, String>;

/// As in `mu_ops::reduce`: elements are added in so many lanes, in blocks of so many, and the blocks in pairs.
const LANES: usize = 8;
const BLOCK: usize = 128;
/// Blocks that wait for their neighbour: one of each power of two.
const WAITING: u32 = 64;

/// The only loop of a nest, with its place.
struct Line {
    dim: Size,
    place: Place,
    step: Option<usize>,
}

/// Where the elements that are added up come from.
struct Source<'s, 'a, 'b> {
    dtype: DType,
    /// A multiple of the lanes; 0 where rows lack an operation.
    step: usize,
    rows: &'s mut dyn FnMut(&mut Emit<'a, 'b>, Value) -> Emitted<Rows>,
    one: &'s mut dyn FnMut(&mut Emit<'a, 'b>, Value) -> Emitted<Value>,
}

impl<'a, 'b> Emit<'a, 'b> {
    fn line(&mut self, dims: &[Size], node: NodeId) -> Emitted<Line> {
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, node, dims, None, Keep::None);
        let [dim] = nest.dims.as_slice() else { return Err("the elements do not lie in a line".into()) };
        let step = self.step_of(node, &nest);
        let cursor = self.start_of(&nest, None)?;
        let place = self.place(&nest, &cursor, node, step)?;
        Ok(Line { dim: dim.clone(), place, step })
    }

    fn slot(&mut self, bytes: u32) -> StackSlot {
        self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4))
    }

    fn variable(&mut self, x: Value) -> Variable {
        let ty = self.b.func.dfg.value_type(x);
        let variable = self.b.declare_var(ty);
        self.b.def_var(variable, x);
        variable
    }

    pub fn sum(&mut self, dims: &[Size], node: NodeId) -> Emitted<Value> {
        let line = self.line(dims, node)?;
        let dtype = self.plan.pool.dtype(node);
        if !dtype.is_float() {
            return self.whole_sum(&line, node, dtype);
        }
        let place = line.place;
        self.float_sum(
            &line.dim,
            Source {
                dtype,
                step: line.step.filter(|step| *step >= LANES).unwrap_or(0),
                rows: &mut |emit, i| emit.rows(node, &place, i),
                one: &mut |emit, i| emit.element(node, &place, i),
            },
        )
    }

    /// Exact inside; only the result must fit.
    fn whole_sum(&mut self, line: &Line, node: NodeId, dtype: DType) -> Emitted<Value> {
        let wide = if dtype == DType::I64 { types::I128 } else { types::I64 };
        let zero = self.int(0);
        let start = if wide == types::I128 { self.b.ins().sextend(wide, zero) } else { zero };
        let sum = self.variable(start);
        let n = self.size(&line.dim);
        let extend = |emit: &mut Self, x: Value| match dtype {
            DType::U8 => emit.b.ins().uextend(wide, x),
            _ => emit.b.ins().sextend(wide, x),
        };
        self.repeat(zero, n, 1, &mut |emit, i| {
            let x = emit.element(node, &line.place, i)?;
            let x = extend(emit, x);
            let before = emit.b.use_var(sum);
            let after = emit.b.ins().iadd(before, x);
            emit.b.def_var(sum, after);
            Ok(())
        })?;
        let sum = self.b.use_var(sum);
        let bad = if wide == types::I128 {
            let (low, high) = self.b.ins().isplit(sum);
            let sign = self.b.ins().sshr_imm_u(low, 63);
            self.note_unless_equal(high, sign);
            return Ok(low);
        } else {
            self.b.ins().ireduce(lane(dtype), sum)
        };
        let back = extend(self, bad);
        self.note_unless_equal(back, sum);
        Ok(bad)
    }

    fn note_unless_equal(&mut self, x: Value, y: Value) {
        let differ = self.b.ins().icmp(IntCC::NotEqual, x, y);
        self.note(differ);
    }

    /// The sum of `0..dim`, each element being asked for once, in order.
    fn float_sum(&mut self, dim: &Size, mut source: Source<'_, 'a, 'b>) -> Emitted<Value> {
        let (n, zero) = (self.size(dim), self.int(0));
        if self.plan.sizes.resolved(dim).known().is_some_and(|n| n <= BLOCK as i64) {
            return self.block_sum(zero, n, &mut source);
        }
        let ty = lane(source.dtype);
        let size = i64::from(ty.bytes());
        let waiting = self.slot(WAITING * ty.bytes());
        let bottom = self.b.ins().stack_addr(types::I64, waiting, 0);
        // Just above the last block that waits.
        let top = self.variable(bottom);
        let block = BLOCK as i64;
        self.repeat(zero, n, BLOCK, &mut |emit, from| {
            let to = emit.b.ins().iadd_imm_s(from, block);
            let to = emit.b.ins().smin(to, n);
            let sum = emit.block_sum(from, to, &mut source)?;
            let sum = emit.variable(sum);
            // As many pairs are complete as the block's number ends in ones.
            let number = emit.b.ins().ushr_imm_u(from, i64::from(BLOCK.trailing_zeros()));
            let number = emit.variable(number);
            let (check, join, done) = (emit.b.create_block(), emit.b.create_block(), emit.b.create_block());
            emit.b.ins().jump(check, &[]);
            emit.b.switch_to_block(check);
            let left = emit.b.use_var(number);
            let odd = emit.b.ins().band_imm_u(left, 1);
            emit.b.ins().brif(odd, join, &[], done, &[]);
            emit.b.switch_to_block(join);
            let left = emit.b.ins().ushr_imm_u(left, 1);
            emit.b.def_var(number, left);
            emit.joined(top, sum, size);
            emit.b.ins().jump(check, &[]);
            emit.b.switch_to_block(done);
            let (at, x) = (emit.b.use_var(top), emit.b.use_var(sum));
            emit.b.ins().store(flags(), x, at, 0);
            let at = emit.b.ins().iadd_imm_s(at, size);
            emit.b.def_var(top, at);
            Ok(())
        })?;
        let at = self.b.use_var(top);
        let at = self.b.ins().iadd_imm_s(at, -size);
        let last = self.b.ins().load(ty, flags(), at, 0);
        self.b.def_var(top, at);
        let sum = self.variable(last);
        let (check, join, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().jump(check, &[]);
        self.b.switch_to_block(check);
        let at = self.b.use_var(top);
        let more = self.b.ins().icmp(IntCC::NotEqual, at, bottom);
        self.b.ins().brif(more, join, &[], done, &[]);
        self.b.switch_to_block(join);
        self.joined(top, sum, size);
        self.b.ins().jump(check, &[]);
        self.b.switch_to_block(done);
        Ok(self.b.use_var(sum))
    }

    /// Takes the block that waits last and adds the sum to it.
    fn joined(&mut self, top: Variable, sum: Variable, size: i64) {
        let (at, right) = (self.b.use_var(top), self.b.use_var(sum));
        let at = self.b.ins().iadd_imm_s(at, -size);
        let ty = self.b.func.dfg.value_type(right);
        let left = self.b.ins().load(ty, flags(), at, 0);
        let both = self.b.ins().fadd(left, right);
        self.b.def_var(top, at);
        self.b.def_var(sum, both);
    }

    /// One block, or what is left of one.
    fn block_sum(&mut self, from: Value, to: Value, source: &mut Source<'_, 'a, 'b>) -> Emitted<Value> {
        let dtype = source.dtype;
        let ty = row(dtype);
        let zero = constant(&mut self.b, ty, 0);
        let count = LANES / ty.lane_count() as usize;
        let lanes: Vec<Variable> = (0..count).map(|_| self.variable(zero)).collect();
        let add = |emit: &mut Self, rows: &[Value]| {
            for (i, x) in rows.iter().enumerate() {
                if let Some(lane) = lanes.get(i % count) {
                    let before = emit.b.use_var(*lane);
                    let after = emit.b.ins().fadd(before, *x);
                    emit.b.def_var(*lane, after);
                }
            }
        };
        let mut rest = from;
        if source.step > 0 {
            let n = self.b.ins().isub(to, from);
            let whole = self.b.ins().band_imm_s(n, -(source.step as i64));
            rest = self.b.ins().iadd(from, whole);
            self.repeat(from, rest, source.step, &mut |emit, i| {
                let rows = (source.rows)(emit, i)?;
                add(emit, &rows);
                Ok(())
            })?;
        }
        // What is left is laid beside zeros, which add nothing.
        let bytes = (LANES * dtype.size()) as i32;
        let slot = self.slot(bytes as u32);
        let at = self.b.ins().stack_addr(types::I64, slot, 0);
        self.repeat(rest, to, LANES, &mut |emit, i| {
            for k in 0..count {
                emit.b.ins().store(flags(), zero, at, k as i32 * 16);
            }
            let end = emit.b.ins().iadd_imm_s(i, LANES as i64);
            let end = emit.b.ins().smin(end, to);
            emit.repeat(i, end, 1, &mut |emit, j| {
                let x = (source.one)(emit, j)?;
                let k = emit.b.ins().isub(j, i);
                let k = emit.b.ins().ishl_imm_u(k, i64::from(dtype.size().trailing_zeros()));
                let at = emit.b.ins().iadd(at, k);
                emit.b.ins().store(flags(), x, at, 0);
                Ok(())
            })?;
            let rows: Rows = (0..count).map(|k| emit.b.ins().load(ty, flags(), at, k as i32 * 16)).collect();
            add(emit, &rows);
            Ok(())
        })?;
        let mut rows: Rows = lanes.iter().map(|lane| self.b.use_var(*lane)).collect();
        while rows.len() > 1 {
            let half = rows.len() / 2;
            let upper = rows.split_off(half);
            rows = rows.into_iter().zip(upper).map(|(x, y)| self.b.ins().fadd(x, y)).collect();
        }
        let all = rows.first().copied().ok_or("there are no lanes")?;
        let mut lanes: Vec<Value> = (0..ty.lane_count()).map(|i| self.b.ins().extractlane(all, i as u8)).collect();
        while lanes.len() > 1 {
            let upper = lanes.split_off(lanes.len() / 2);
            lanes = lanes.into_iter().zip(upper).map(|(x, y)| self.b.ins().fadd(x, y)).collect();
        }
        lanes.first().copied().ok_or_else(|| "there are no lanes".into())
    }

    /// The largest or smallest; the sign of a zero is not settled.
    fn peak(&mut self, dim: &Size, place: &Place, step: Option<usize>, node: NodeId, op: Binary) -> Emitted<Value> {
        let dtype = self.plan.pool.dtype(node);
        let step = step.filter(|_| dtype.is_float());
        let first = self.one(node, place)?;
        let best = self.variable(first);
        let lanes: Vec<Variable> = match step {
            Some(step) => {
                let rows = wide::splat(&mut self.b, dtype, step, first);
                rows.into_iter().map(|x| self.variable(x)).collect()
            }
            None => Vec::new(),
        };
        self.over(
            dim,
            step,
            &mut |emit, i| {
                let rows = emit.rows(node, place, i)?;
                for (lane, x) in lanes.iter().zip(rows) {
                    let before = emit.b.use_var(*lane);
                    let after = wide::float_binary(&mut emit.b, op, row(dtype), before, x, false);
                    emit.b.def_var(*lane, after);
                }
                Ok(())
            },
            &mut |emit, i| {
                let x = emit.element(node, place, i)?;
                let before = emit.b.use_var(best);
                let (after, _) = scalar::binary(&mut emit.b, op, dtype, before, x, false);
                emit.b.def_var(best, after);
                Ok(())
            },
        )?;
        let rows: Rows = lanes.iter().map(|lane| self.b.use_var(*lane)).collect();
        let all = rows.into_iter().reduce(|x, y| wide::float_binary(&mut self.b, op, row(dtype), x, y, false));
        let mut best = self.b.use_var(best);
        if let Some(all) = all {
            for i in 0..row(dtype).lane_count() {
                let x = self.b.ins().extractlane(all, i as u8);
                best = scalar::binary(&mut self.b, op, dtype, best, x, false).0;
            }
        }
        Ok(best)
    }

    /// The number of the first element for which `holds`; 0 where there is none.
    fn first_where(
        &mut self,
        dim: &Size,
        place: &Place,
        node: NodeId,
        holds: &dyn Fn(&mut Self, Value) -> Value,
    ) -> Emitted<Value> {
        let (n, zero) = (self.size(dim), self.int(0));
        let (look, next, none, found) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block(), self.b.create_block());
        let i = self.b.append_block_param(look, types::I64);
        let result = self.b.append_block_param(found, types::I64);
        self.b.ins().jump(look, &[zero.into()]);
        self.b.switch_to_block(look);
        let x = self.element(node, place, i)?;
        let here = holds(self, x);
        self.b.ins().brif(here, found, &[i.into()], next, &[]);
        self.b.switch_to_block(next);
        let after = self.b.ins().iadd_imm_s(i, 1);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, after, n);
        self.b.ins().brif(more, look, &[after.into()], none, &[]);
        self.b.switch_to_block(none);
        self.b.ins().jump(found, &[zero.into()]);
        self.b.switch_to_block(found);
        Ok(result)
    }

    pub fn extreme(&mut self, dims: &[Size], node: NodeId, largest: bool) -> Emitted<Value> {
        let line = self.line(dims, node)?;
        let op = if largest { Binary::Max } else { Binary::Min };
        let best = self.peak(&line.dim, &line.place, line.step, node, op)?;
        let dtype = self.plan.pool.dtype(node);
        if !dtype.is_float() {
            return Ok(best);
        }
        // The first of equal ones: 0 and -0 are equal, and differ.
        let result = self.variable(best);
        let zero = constant(&mut self.b, lane(dtype), 0);
        let is_zero = self.b.ins().fcmp(FloatCC::Equal, best, zero);
        let (look, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(is_zero, look, &[], after, &[]);
        self.b.switch_to_block(look);
        let equal = |emit: &mut Self, x| emit.b.ins().fcmp(FloatCC::Equal, x, zero);
        let at = self.first_where(&line.dim, &line.place, node, &equal)?;
        let first = self.element(node, &line.place, at)?;
        self.b.def_var(result, first);
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(after);
        Ok(self.b.use_var(result))
    }

    pub fn argmax(&mut self, dims: &[Size], node: NodeId) -> Emitted<Value> {
        let line = self.line(dims, node)?;
        let best = self.peak(&line.dim, &line.place, line.step, node, Binary::Max)?;
        let float = self.plan.pool.dtype(node).is_float();
        let found = |emit: &mut Self, x| {
            if !float {
                return emit.b.ins().icmp(IntCC::Equal, x, best);
            }
            let equal = emit.b.ins().fcmp(FloatCC::Equal, x, best);
            let nan = emit.b.ins().fcmp(FloatCC::Unordered, x, x);
            emit.b.ins().bor(equal, nan)
        };
        self.first_where(&line.dim, &line.place, node, &found)
    }

    pub fn softmax(&mut self, to: ValueId, dims: &[Size], node: NodeId) -> Emitted<()> {
        let view = View { offset: Vec::new(), strides: row_major(dims) };
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, node, dims, Some(&view), Keep::Last);
        let dtype = self.plan.pool.dtype(node);
        let step = self.step_of(node, &nest);
        let cursor = self.start_of(&nest, Some((to, dtype)))?;
        let dim = nest.dims.last().cloned().ok_or("a scalar has no axes")?;
        self.outer(&nest, 0, &cursor, dtype, &mut |emit, cursor| {
            let place = emit.place(&nest, cursor, node, step)?;
            let out = cursor.out.ok_or("the result has no place")?;
            let largest = emit.peak(&dim, &place, step, node, Binary::Max)?;
            let at = |emit: &mut Self, i: Value| {
                let bytes = emit.b.ins().ishl_imm_u(i, i64::from(dtype.size().trailing_zeros()));
                emit.b.ins().iadd(out, bytes)
            };
            let long = step.filter(|step| *step >= LANES);
            let less = long.map(|step| wide::splat(&mut emit.b, dtype, step, largest)).unwrap_or_default();
            let sum = emit.float_sum(
                &dim,
                Source {
                    dtype,
                    step: long.unwrap_or(0),
                    rows: &mut |emit, i| {
                        let rows = emit.rows(node, &place, i)?;
                        let e: Rows = rows
                            .into_iter()
                            .zip(&less)
                            .map(|(x, largest)| {
                                let x = emit.b.ins().fsub(x, *largest);
                                wide::unary(&mut emit.b, Unary::Exp, row(dtype), x)
                            })
                            .collect();
                        let at = at(emit, i);
                        wide::store(&mut emit.b, dtype, long.unwrap_or(0), &e, at);
                        Ok(e)
                    },
                    one: &mut |emit, i| {
                        let x = emit.element(node, &place, i)?;
                        let x = emit.b.ins().fsub(x, largest);
                        let e = wide::unary(&mut emit.b, Unary::Exp, lane(dtype), x);
                        let at = at(emit, i);
                        emit.b.ins().store(flags(), e, at, 0);
                        Ok(e)
                    },
                },
            )?;
            emit.divide(&dim, dtype, out, sum)
        })
    }

    /// Each of so many neighbours by a number, in place.
    fn divide(&mut self, dim: &Size, dtype: DType, out: Value, by: Value) -> Emitted<()> {
        let step = wide::step([dtype].into_iter());
        let (n, zero) = (self.size(dim), self.int(0));
        let whole = self.b.ins().band_imm_s(n, -(step as i64));
        let rows = wide::splat(&mut self.b, dtype, step, by);
        let at = |emit: &mut Self, i: Value| {
            let bytes = emit.b.ins().ishl_imm_u(i, i64::from(dtype.size().trailing_zeros()));
            emit.b.ins().iadd(out, bytes)
        };
        self.repeat(zero, whole, step, &mut |emit, i| {
            let at = at(emit, i);
            let x = wide::load(&mut emit.b, dtype, step, at);
            let x: Rows = x.into_iter().zip(&rows).map(|(x, by)| emit.b.ins().fdiv(x, *by)).collect();
            wide::store(&mut emit.b, dtype, step, &x, at);
            Ok(())
        })?;
        self.repeat(whole, n, 1, &mut |emit, i| {
            let at = at(emit, i);
            let x = emit.b.ins().load(lane(dtype), flags(), at, 0);
            let x = emit.b.ins().fdiv(x, by);
            emit.b.ins().store(flags(), x, at, 0);
            Ok(())
        })
    }

    /// Rows are added one by one, from the first to the last; then each sum is divided by the count.
    pub fn mean_first(&mut self, to: ValueId, dims: &[Size], node: NodeId) -> Emitted<()> {
        let mut view = View { offset: Vec::new(), strides: row_major(dims) };
        if let Some(first) = view.strides.first_mut() {
            *first = Size::fixed(0);
        }
        let nest = Nest::of(&self.plan.pool, &self.plan.sizes, node, dims, Some(&view), Keep::First);
        let [rows, inner] = nest.dims.as_slice() else { return Err("the rows do not lie in lines".into()) };
        let dtype = self.plan.pool.dtype(node);
        let step = self.step_of(node, &nest);
        let cursor = self.start_of(&nest, Some((to, dtype)))?;
        let out = cursor.out.ok_or("the result has no place")?;
        let (count, zero) = (self.size(rows), self.int(0));
        let many = self.b.ins().fcvt_from_sint(lane(dtype), count);
        let at = |emit: &mut Self, i: Value| {
            let bytes = emit.b.ins().ishl_imm_u(i, i64::from(dtype.size().trailing_zeros()));
            emit.b.ins().iadd(out, bytes)
        };
        self.over(
            inner,
            step,
            &mut |emit, j| {
                let step = step.unwrap_or(1);
                let none = constant(&mut emit.b, row(dtype), 0);
                let sums: Vec<Variable> = (0..step * dtype.size() / 16).map(|_| emit.variable(none)).collect();
                emit.repeat(zero, count, 1, &mut |emit, r| {
                    let cursor = emit.advanced(&nest, &cursor, 0, r, dtype);
                    let place = emit.place(&nest, &cursor, node, Some(step))?;
                    for (sum, x) in sums.iter().zip(emit.rows(node, &place, j)?) {
                        let before = emit.b.use_var(*sum);
                        let after = emit.b.ins().fadd(before, x);
                        emit.b.def_var(*sum, after);
                    }
                    Ok(())
                })?;
                let by = emit.b.ins().splat(row(dtype), many);
                let means: Rows = sums
                    .iter()
                    .map(|sum| {
                        let sum = emit.b.use_var(*sum);
                        emit.b.ins().fdiv(sum, by)
                    })
                    .collect();
                let at = at(emit, j);
                wide::store(&mut emit.b, dtype, step, &means, at);
                Ok(())
            },
            &mut |emit, j| {
                let none = constant(&mut emit.b, lane(dtype), 0);
                let sum = emit.variable(none);
                emit.repeat(zero, count, 1, &mut |emit, r| {
                    let cursor = emit.advanced(&nest, &cursor, 0, r, dtype);
                    let place = emit.place(&nest, &cursor, node, None)?;
                    let x = emit.element(node, &place, j)?;
                    let before = emit.b.use_var(sum);
                    let after = emit.b.ins().fadd(before, x);
                    emit.b.def_var(sum, after);
                    Ok(())
                })?;
                let sum = emit.b.use_var(sum);
                let mean = emit.b.ins().fdiv(sum, many);
                let at = at(emit, j);
                emit.b.ins().store(flags(), mean, at, 0);
                Ok(())
            },
        )
    }
}
