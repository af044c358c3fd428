//! One element at a time, of any type. What fails for whole numbers is noted and comes to light when the kernel ends.

use super::expr::{Binary, Unary};
use super::math::constant;
use super::wide;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use mu_format::tensor::DType;

/// A result, and where it can fail a number that is not 0 if it does.
pub(crate) type Checked = (Value, Option<Value>);

pub(crate) fn unary(b: &mut FunctionBuilder, op: Unary, dtype: DType, x: Value) -> Checked {
    let ty = wide::lane(dtype);
    if wide::has_unary(op, dtype) {
        return (wide::unary(b, op, ty, x), None);
    }
    // Only the lowest number has no opposite.
    let minus = b.ins().ineg(x);
    let lowest = least(b, dtype);
    let bad = b.ins().icmp(IntCC::Equal, x, lowest);
    if op == Unary::Neg {
        return (minus, Some(bad));
    }
    let zero = constant(b, ty, 0);
    let negative = b.ins().icmp(IntCC::SignedLessThan, x, zero);
    (b.ins().select(negative, minus, x), Some(bad))
}

fn least(b: &mut FunctionBuilder, dtype: DType) -> Value {
    let bits = if dtype == DType::I32 { i64::from(i32::MIN) } else { i64::MIN };
    constant(b, wide::lane(dtype), bits.cast_unsigned())
}

fn order(op: Binary, unsigned: bool) -> Option<IntCC> {
    let condition = match op {
        Binary::Lt | Binary::Min => IntCC::SignedLessThan,
        Binary::Le => IntCC::SignedLessThanOrEqual,
        Binary::Gt | Binary::Max => IntCC::SignedGreaterThan,
        Binary::Ge => IntCC::SignedGreaterThanOrEqual,
        Binary::Eq => IntCC::Equal,
        Binary::Ne => IntCC::NotEqual,
        _ => return None,
    };
    Some(if unsigned { condition.unsigned() } else { condition })
}

/// `dtype` is the operands'; `sure`: the second is known to be no NaN.
pub(crate) fn binary(b: &mut FunctionBuilder, op: Binary, dtype: DType, x: Value, y: Value, sure: bool) -> Checked {
    let ty = wide::lane(dtype);
    if wide::has_binary(op, dtype) {
        return (wide::float_binary(b, op, ty, x, y, sure), None);
    }
    if let Some(condition) = order(op, matches!(dtype, DType::U8 | DType::Bool)) {
        let holds = b.ins().icmp(condition, x, y);
        return match op {
            Binary::Min | Binary::Max => (b.ins().select(holds, x, y), None),
            _ => (holds, None),
        };
    }
    match dtype {
        DType::I64 => long(b, op, x, y),
        _ => short(b, op, dtype, x, y),
    }
}

/// Numbers whose sums and products fit into 64 bits.
fn short(b: &mut FunctionBuilder, op: Binary, dtype: DType, x: Value, y: Value) -> Checked {
    let ty = wide::lane(dtype);
    let signed = dtype == DType::I32;
    let widen = |b: &mut FunctionBuilder, x| {
        if signed { b.ins().sextend(types::I64, x) } else { b.ins().uextend(types::I64, x) }
    };
    let (x, y) = (widen(b, x), widen(b, y));
    let (exact, zero) = match op {
        Binary::Add => (b.ins().iadd(x, y), None),
        Binary::Sub => (b.ins().isub(x, y), None),
        Binary::Mul => (b.ins().imul(x, y), None),
        _ => {
            let (divisor, zero) = divisor(b, types::I64, y);
            (b.ins().sdiv(x, divisor), Some(zero))
        }
    };
    let result = b.ins().ireduce(ty, exact);
    let back = widen(b, result);
    let over = b.ins().icmp(IntCC::NotEqual, back, exact);
    let bad = zero.map_or(over, |zero| b.ins().bor(over, zero));
    (result, Some(bad))
}

/// Something that may be divided by, and whether it stands for 0.
fn divisor(b: &mut FunctionBuilder, ty: Type, y: Value) -> Checked2 {
    let (none, one) = (constant(b, ty, 0), constant(b, ty, 1));
    let zero = b.ins().icmp(IntCC::Equal, y, none);
    (b.ins().select(zero, one, y), zero)
}

type Checked2 = (Value, Value);

fn long(b: &mut FunctionBuilder, op: Binary, x: Value, y: Value) -> Checked {
    let zero = constant(b, types::I64, 0);
    // The result has another sign than it can have.
    let wrong = |b: &mut FunctionBuilder, p: Value, q: Value| {
        let both = b.ins().band(p, q);
        b.ins().icmp(IntCC::SignedLessThan, both, zero)
    };
    match op {
        Binary::Add => {
            let sum = b.ins().iadd(x, y);
            let (p, q) = (b.ins().bxor(x, sum), b.ins().bxor(y, sum));
            let bad = wrong(b, p, q);
            (sum, Some(bad))
        }
        Binary::Sub => {
            let rest = b.ins().isub(x, y);
            let (p, q) = (b.ins().bxor(x, y), b.ins().bxor(x, rest));
            let bad = wrong(b, p, q);
            (rest, Some(bad))
        }
        Binary::Mul => {
            let low = b.ins().imul(x, y);
            let high = b.ins().smulhi(x, y);
            let sign = b.ins().sshr_imm_u(low, 63);
            let bad = b.ins().icmp(IntCC::NotEqual, high, sign);
            (low, Some(bad))
        }
        _ => {
            let lowest = least(b, DType::I64);
            let minus_one = constant(b, types::I64, u64::MAX);
            let (p, q) = (b.ins().icmp(IntCC::Equal, x, lowest), b.ins().icmp(IntCC::Equal, y, minus_one));
            let over = b.ins().band(p, q);
            let one = constant(b, types::I64, 1);
            let y = b.ins().select(over, one, y);
            let (y, none) = divisor(b, types::I64, y);
            let bad = b.ins().bor(over, none);
            (b.ins().sdiv(x, y), Some(bad))
        }
    }
}

/// `as`, and to i32 by way of i64.
pub(crate) fn convert(b: &mut FunctionBuilder, from: DType, to: DType, x: Value) -> Value {
    let ty = wide::lane(to);
    match (from, to) {
        (DType::F32, DType::F64) => b.ins().fpromote(ty, x),
        (DType::F64, DType::F32) => b.ins().fdemote(ty, x),
        (DType::F32 | DType::F64, DType::I32 | DType::I64) => b.ins().fcvt_to_sint_sat(ty, x),
        (DType::Bool | DType::U8, DType::I32 | DType::I64) => b.ins().uextend(ty, x),
        (DType::Bool | DType::U8, DType::F32 | DType::F64) => {
            let x = b.ins().uextend(types::I32, x);
            b.ins().fcvt_from_sint(ty, x)
        }
        (DType::I32 | DType::I64, DType::F32 | DType::F64) => b.ins().fcvt_from_sint(ty, x),
        (DType::I32, DType::I64) => b.ins().sextend(ty, x),
        (DType::I64, DType::I32) => {
            let (low, high) = (i64::from(i32::MIN), i64::from(i32::MAX));
            let (low, high) = (b.ins().iconst(types::I64, low), b.ins().iconst(types::I64, high));
            let below = b.ins().icmp(IntCC::SignedLessThan, x, low);
            let x = b.ins().select(below, low, x);
            let above = b.ins().icmp(IntCC::SignedGreaterThan, x, high);
            let x = b.ins().select(above, high, x);
            b.ins().ireduce(ty, x)
        }
        _ => x,
    }
}
