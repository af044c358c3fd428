//! Several elements at once: 128-bit rows, as many of them as a step of a loop takes.
//!
//! A step takes so many elements that the widest type among them fills four rows; narrower ones then fill fewer, and a byte beside
//! an f64 half a row.

use super::expr::{Binary, Unary};
use super::math;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{ConstantData, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use mu_format::tensor::DType;

/// The elements of one step, row by row.
pub(super) type Rows = Vec<Value>;

const ROW: usize = 16;
/// Of the widest type.
const ROWS: usize = 4;

/// How many elements a step takes.
pub(super) fn step(dtypes: impl Iterator<Item = DType>) -> usize {
    let widest = dtypes.map(DType::size).max().unwrap_or(ROW);
    ROWS * ROW / widest
}

pub(super) fn lane(dtype: DType) -> Type {
    match dtype {
        DType::Bool | DType::U8 => types::I8,
        DType::I32 => types::I32,
        DType::I64 => types::I64,
        DType::F32 => types::F32,
        DType::F64 => types::F64,
    }
}

pub(super) fn row(dtype: DType) -> Type {
    match dtype {
        DType::Bool | DType::U8 => types::I8X16,
        DType::I32 => types::I32X4,
        DType::I64 => types::I64X2,
        DType::F32 => types::F32X4,
        DType::F64 => types::F64X2,
    }
}

/// How many elements of a step lie in each row.
pub(super) fn lanes(dtype: DType, step: usize) -> usize {
    (ROW / dtype.size()).min(step)
}

/// Elements may stand anywhere and are there.
pub(super) fn flags() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

/// Neighbours from an address on.
pub(super) fn load(b: &mut FunctionBuilder, dtype: DType, step: usize, at: Value) -> Rows {
    if lanes(dtype, step) < ROW / dtype.size() {
        let bits = b.ins().load(types::I64, flags(), at, 0);
        let half = b.ins().scalar_to_vector(types::I64X2, bits);
        return vec![math::bits_as(b, row(dtype), half)];
    }
    // Floats are read as whole numbers: Cranelift 0.135 makes a load and an `fcmp` one `cmpps`, which faults where the address
    // is no multiple of 16.
    let (rows, ty) = (step * dtype.size() / ROW, row(dtype).as_int());
    let load = |i: usize| {
        let bits = b.ins().load(ty, flags(), at, (i * ROW) as i32);
        math::bits_as(b, row(dtype), bits)
    };
    (0..rows).map(load).collect()
}

pub(super) fn store(b: &mut FunctionBuilder, dtype: DType, step: usize, rows: &[Value], at: Value) {
    for (i, value) in rows.iter().enumerate() {
        if lanes(dtype, step) < ROW / dtype.size() {
            let half = math::bits_as(b, types::I64X2, *value);
            let bits = b.ins().extractlane(half, 0);
            b.ins().store(flags(), bits, at, 0);
        } else {
            b.ins().store(flags(), *value, at, (i * ROW) as i32);
        }
    }
}

/// Elements `distance` bytes apart.
pub(super) fn gather(b: &mut FunctionBuilder, dtype: DType, step: usize, at: Value, distance: Value) -> Rows {
    let mut at = at;
    let count = lanes(dtype, step);
    let mut rows = Vec::new();
    for _ in 0..step / count {
        let first = b.ins().load(lane(dtype), flags(), at, 0);
        let mut row = b.ins().splat(row(dtype), first);
        at = b.ins().iadd(at, distance);
        for i in 1..count {
            let element = b.ins().load(lane(dtype), flags(), at, 0);
            row = b.ins().insertlane(row, element, i as u8);
            at = b.ins().iadd(at, distance);
        }
        rows.push(row);
    }
    rows
}

/// Bytes a few places apart, read in whole rows and picked: colours that lie side by side.
pub(super) fn pick(b: &mut FunctionBuilder, at: Value, distance: usize) -> Rows {
    let last = distance * (ROW - 1);
    // The last row ends with the last byte that is asked for, so nothing beyond the tensor is read.
    let starts: Vec<usize> = (0..last / ROW).map(|i| i * ROW).chain([last + 1 - ROW]).collect();
    let mut picked = None;
    let mut from = 0;
    for start in starts {
        let row = b.ins().load(types::I8X16, flags(), at, start as i32);
        let place = |i: usize| {
            let byte = i * distance;
            let here = byte >= from.max(start) && byte < start + ROW;
            if here { (ROW + byte - start) as u8 } else { i as u8 }
        };
        let places: [u8; ROW] = std::array::from_fn(place);
        picked = Some(shuffled(b, types::I8X16, picked.unwrap_or(row), row, places));
        from = start + ROW;
    }
    picked.into_iter().collect()
}

/// Whether [`pick`] reads such elements.
pub(super) fn picks(dtype: DType, step: usize, distance: i64) -> bool {
    dtype.size() == 1 && step == ROW && (2..=4).contains(&distance)
}

pub(super) fn scatter(b: &mut FunctionBuilder, dtype: DType, step: usize, rows: &[Value], at: Value, distance: Value) {
    let mut at = at;
    for row in rows {
        for i in 0..lanes(dtype, step) {
            let element = b.ins().extractlane(*row, i as u8);
            b.ins().store(flags(), element, at, 0);
            at = b.ins().iadd(at, distance);
        }
    }
}

/// The same element everywhere.
pub(super) fn splat(b: &mut FunctionBuilder, dtype: DType, step: usize, x: Value) -> Rows {
    let value = b.ins().splat(row(dtype), x);
    vec![value; (step * dtype.size()).div_ceil(ROW)]
}

pub(super) fn constant(b: &mut FunctionBuilder, dtype: DType, step: usize, bits: u64) -> Rows {
    let value = math::constant(b, row(dtype), bits);
    vec![value; (step * dtype.size()).div_ceil(ROW)]
}

/// Whether rows have the operation; the others go element by element.
pub(super) fn has_unary(op: Unary, dtype: DType) -> bool {
    dtype.is_float() || op == Unary::Not
}

/// As [`has_unary`]; `dtype` is the operands'.
pub(super) fn has_binary(op: Binary, dtype: DType) -> bool {
    match op {
        Binary::And | Binary::Or => true,
        _ => dtype.is_float(),
    }
}

/// As [`has_unary`].
pub(super) fn has_conversion(from: DType, to: DType) -> bool {
    match (from, to) {
        (DType::Bool | DType::U8, DType::I32 | DType::F32 | DType::F64) => true,
        (DType::I32, DType::F32 | DType::F64) => true,
        (DType::F32, DType::F64) | (DType::F64, DType::F32) => true,
        _ => from == to,
    }
}

/// One row of a type, and what stands for `fcmp` of it.
pub(super) fn unary(b: &mut FunctionBuilder, op: Unary, ty: Type, x: Value) -> Value {
    match op {
        Unary::Neg => b.ins().fneg(x),
        Unary::Abs => b.ins().fabs(x),
        Unary::Square => b.ins().fmul(x, x),
        Unary::Sqrt => b.ins().sqrt(x),
        Unary::Exp => math::exp(b, ty, x),
        Unary::Log => math::log(b, ty, x),
        Unary::Tanh => math::tanh(b, ty, x),
        Unary::Sigmoid => math::sigmoid(b, ty, x),
        Unary::Floor => b.ins().floor(x),
        Unary::Round => b.ins().nearest(x),
        Unary::Not => {
            let one = math::constant(b, ty, 1);
            b.ins().bxor(x, one)
        }
    }
}

/// Of floats; `sure`: the second operand is no NaN. Comparisons give a mask.
pub(super) fn float_binary(b: &mut FunctionBuilder, op: Binary, ty: Type, x: Value, y: Value, sure: bool) -> Value {
    let compare = |b: &mut FunctionBuilder, condition| b.ins().fcmp(condition, x, y);
    match op {
        Binary::Add => b.ins().fadd(x, y),
        Binary::Sub => b.ins().fsub(x, y),
        Binary::Mul => b.ins().fmul(x, y),
        Binary::Div => b.ins().fdiv(x, y),
        Binary::Min => math::lesser(b, ty, x, y, sure),
        Binary::Max => math::greater(b, ty, x, y, sure),
        Binary::Lt => compare(b, FloatCC::LessThan),
        Binary::Le => compare(b, FloatCC::LessThanOrEqual),
        Binary::Gt => compare(b, FloatCC::GreaterThan),
        Binary::Ge => compare(b, FloatCC::GreaterThanOrEqual),
        Binary::Eq => compare(b, FloatCC::Equal),
        Binary::Ne => compare(b, FloatCC::NotEqual),
        Binary::And => b.ins().band(x, y),
        Binary::Or => b.ins().bor(x, y),
    }
}

fn shuffled(b: &mut FunctionBuilder, ty: Type, x: Value, y: Value, bytes: [u8; ROW]) -> Value {
    let (x, y) = (math::bits_as(b, types::I8X16, x), math::bits_as(b, types::I8X16, y));
    let mask = b.func.dfg.immediates.push(ConstantData::from(bytes.as_slice()));
    let mixed = b.ins().shuffle(x, y, mask);
    math::bits_as(b, ty, mixed)
}

/// The upper half of a row, in the lower.
fn upper(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    shuffled(b, ty, x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
}

/// The lower halves of two rows.
fn lower_halves(b: &mut FunctionBuilder, ty: Type, x: Value, y: Value) -> Value {
    shuffled(b, ty, x, y, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
}

/// The masks of a comparison of rows as bools. `dtype` is what was compared.
pub(super) fn bools(b: &mut FunctionBuilder, dtype: DType, masks: &[Value]) -> Rows {
    let narrow: Rows = if dtype.size() == 8 {
        let words = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
        masks
            .chunks(2)
            .map(|pair| {
                let (x, y) = (pair.first().copied(), pair.last().copied());
                match (x, y) {
                    (Some(x), Some(y)) => shuffled(b, types::I32X4, x, y, words),
                    _ => math::constant(b, types::I32X4, 0),
                }
            })
            .collect()
    } else {
        masks.to_vec()
    };
    let halves: Rows =
        narrow.chunks(2).filter_map(|pair| Some(b.ins().snarrow(*pair.first()?, *pair.last()?))).collect();
    let bytes = halves.chunks(2).filter_map(|pair| Some(b.ins().snarrow(*pair.first()?, *pair.last()?)));
    let bytes: Rows = bytes.collect();
    let one = math::constant(b, types::I8X16, 1);
    bytes.into_iter().map(|x| b.ins().band(x, one)).collect()
}

/// From one element type to another, where [`has_conversion`].
pub(super) fn convert(b: &mut FunctionBuilder, from: DType, to: DType, step: usize, rows: Rows) -> Rows {
    match (from, to) {
        (DType::Bool | DType::U8, _) if to.size() > 1 => {
            let words: Rows = both_halves(b, &rows, step > ROW / 2, |b, x| b.ins().uwiden_low(x), types::I8X16);
            let words: Rows = both_halves(b, &words, true, |b, x| b.ins().uwiden_low(x), types::I16X8);
            if to == DType::I32 { words } else { convert(b, DType::I32, to, step, words) }
        }
        (DType::I32, DType::F32) => rows.into_iter().map(|x| b.ins().fcvt_from_sint(types::F32X4, x)).collect(),
        (DType::I32, DType::F64) => {
            let convert = |b: &mut FunctionBuilder, x| {
                let long = b.ins().swiden_low(x);
                b.ins().fcvt_from_sint(types::F64X2, long)
            };
            both_halves(b, &rows, true, convert, types::I32X4)
        }
        (DType::F32, DType::F64) => both_halves(b, &rows, true, |b, x| b.ins().fvpromote_low(x), types::F32X4),
        (DType::F64, DType::F32) => {
            let single: Rows = rows.into_iter().map(|x| b.ins().fvdemote(x)).collect();
            let pairs: Vec<(Value, Value)> =
                single.chunks(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
            pairs.into_iter().map(|(x, y)| lower_halves(b, types::F32X4, x, y)).collect()
        }
        _ => rows,
    }
}

/// `widen` of the lower and, where there is one, of the upper half of each row.
fn both_halves(
    b: &mut FunctionBuilder,
    rows: &[Value],
    two: bool,
    mut widen: impl FnMut(&mut FunctionBuilder, Value) -> Value,
    ty: Type,
) -> Rows {
    let mut result = Vec::new();
    for x in rows {
        result.push(widen(b, *x));
        if two {
            let upper = upper(b, ty, *x);
            result.push(widen(b, upper));
        }
    }
    result
}
