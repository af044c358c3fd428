//! Arithmetic on floats, one or a 128-bit row of them, with the bits of `mu_ops`.
//!
//! Every function takes values of one of the types F32, F64, F32X4 and F64X2. The polynomials and their order of operations are
//! those of `mu_ops::approx`; nothing is fused, so one rounding here is one rounding there.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{ConstantData, Endianness, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use mu_ops::approx::Real;

/// e to the `x`.
pub(crate) fn exp(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    Math { b, ty }.exp(x)
}

/// The natural logarithm.
pub(crate) fn log(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    Math { b, ty }.log(x)
}

/// The hyperbolic tangent.
pub(crate) fn tanh(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    Math { b, ty }.tanh(x)
}

/// `1 / (1 + exp(-x))`.
pub(crate) fn sigmoid(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    Math { b, ty }.sigmoid(x)
}

/// The smaller; the first of equal ones; NaN where either is NaN. `sure`: the second is known to be no NaN.
pub(crate) fn lesser(b: &mut FunctionBuilder, ty: Type, x: Value, y: Value, sure: bool) -> Value {
    let m = &mut Math { b, ty };
    let below = m.less(y, x);
    m.second(below, x, y, sure)
}

/// The larger; as [`lesser`].
pub(crate) fn greater(b: &mut FunctionBuilder, ty: Type, x: Value, y: Value, sure: bool) -> Value {
    let m = &mut Math { b, ty };
    let above = m.less(x, y);
    m.second(above, x, y, sure)
}

/// A number in every lane, from its bits.
pub(crate) fn constant(b: &mut FunctionBuilder, ty: Type, bits: u64) -> Value {
    let lane = ty.lane_type();
    if ty.is_vector() {
        let bytes = bits.to_le_bytes();
        let bytes = bytes.get(..lane.bytes() as usize).unwrap_or(&bytes);
        let all: Vec<u8> = bytes.iter().copied().cycle().take(ty.bytes() as usize).collect();
        let place = b.func.dfg.constants.insert(ConstantData::from(all.as_slice()));
        b.ins().vconst(ty, place)
    } else if lane == types::F32 {
        b.ins().f32const(f32::from_bits(bits as u32))
    } else if lane == types::F64 {
        b.ins().f64const(f64::from_bits(bits))
    } else {
        b.ins().iconst(ty, bits.cast_signed())
    }
}

/// The same bits as another type of the same width.
pub(crate) fn bits_as(b: &mut FunctionBuilder, ty: Type, x: Value) -> Value {
    if b.func.dfg.value_type(x) == ty {
        return x;
    }
    b.ins().bitcast(ty, MemFlagsData::new().with_endianness(Endianness::Little), x)
}

/// Where the condition holds the first, else the second; a condition is what `fcmp` gives for the type.
pub(crate) fn choose(b: &mut FunctionBuilder, ty: Type, condition: Value, yes: Value, no: Value) -> Value {
    if ty.is_vector() {
        let mask = bits_as(b, ty, condition);
        b.ins().bitselect(mask, yes, no)
    } else {
        b.ins().select(condition, yes, no)
    }
}

struct Math<'a, 'b> {
    b: &'a mut FunctionBuilder<'b>,
    ty: Type,
}

/// A constant of [`Real`] in the type at hand.
macro_rules! real {
    ($math:expr, $name:ident) => {
        $math.number(<f32 as Real>::$name, <f64 as Real>::$name)
    };
}

/// `((t0 * x + t1) * x + t2) ...` over a list of terms of [`Real`], from the highest down.
macro_rules! polynomial {
    ($math:expr, $terms:ident, $x:expr) => {{
        let x = $x;
        let (single, double) = (<f32 as Real>::$terms, <f64 as Real>::$terms);
        let count = if $math.ty.lane_type() == types::F32 { single.len() } else { double.len() };
        let mut p = None;
        for i in 0..count {
            let term = $math.number(*single.get(i).unwrap_or(&0.0), *double.get(i).unwrap_or(&0.0));
            p = Some(match p {
                Some(p) => {
                    let p = $math.b.ins().fmul(p, x);
                    $math.b.ins().fadd(p, term)
                }
                None => term,
            });
        }
        p.unwrap_or(x)
    }};
}

impl Math<'_, '_> {
    fn single(&self) -> bool {
        self.ty.lane_type() == types::F32
    }

    fn number(&mut self, single: f32, double: f64) -> Value {
        let bits = if self.single() { u64::from(single.to_bits()) } else { double.to_bits() };
        constant(self.b, self.ty, bits)
    }

    /// Whole numbers as wide as the floats.
    fn whole(&self) -> Type {
        self.ty.as_int()
    }

    fn whole_number(&mut self, single: u32, double: u64) -> Value {
        let bits = if self.single() { u64::from(single) } else { double };
        let ty = self.whole();
        constant(self.b, ty, bits)
    }

    fn bits(&mut self, x: Value) -> Value {
        let ty = self.whole();
        bits_as(self.b, ty, x)
    }

    fn float(&mut self, x: Value) -> Value {
        bits_as(self.b, self.ty, x)
    }

    fn mantissa(&self) -> i64 {
        if self.single() { 23 } else { 52 }
    }

    fn less(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().fcmp(FloatCC::LessThan, x, y)
    }

    fn choose(&mut self, condition: Value, yes: Value, no: Value) -> Value {
        choose(self.b, self.ty, condition, yes, no)
    }

    /// `y` where the condition holds or `y` is NaN, else `x`.
    fn second(&mut self, condition: Value, x: Value, y: Value, sure: bool) -> Value {
        if sure {
            return self.choose(condition, y, x);
        }
        let nan = self.b.ins().fcmp(FloatCC::Unordered, y, y);
        let either = self.b.ins().bor(condition, nan);
        self.choose(either, y, x)
    }

    /// `(n + ROUNDER, r)` with `x = n ln 2 + r`.
    fn reduce(&mut self, x: Value) -> (Value, Value) {
        let (log2_e, rounder) = (real!(self, LOG2_E), real!(self, ROUNDER));
        let scaled = self.b.ins().fmul(x, log2_e);
        let shifted = self.b.ins().fadd(scaled, rounder);
        let n = self.b.ins().fsub(shifted, rounder);
        let (high, low) = (real!(self, LN2_HI), real!(self, LN2_LO));
        let high = self.b.ins().fmul(n, high);
        let rest = self.b.ins().fsub(x, high);
        let low = self.b.ins().fmul(n, low);
        (shifted, self.b.ins().fsub(rest, low))
    }

    /// `exp(r) - 1` for small `r`.
    fn exp_minus_one_small(&mut self, r: Value) -> Value {
        let p = polynomial!(self, EXP_TERMS, r);
        let square = self.b.ins().fmul(r, r);
        let rest = self.b.ins().fmul(square, p);
        self.b.ins().fadd(r, rest)
    }

    /// Two to the whole number `n`.
    fn power(&mut self, n: Value) -> Value {
        let bias = self.whole_number(127, 1023);
        let biased = self.b.ins().iadd(n, bias);
        let by = self.mantissa();
        let bits = self.b.ins().ishl_imm_u(biased, by);
        self.float(bits)
    }

    /// `y` times two to the `n`, where `shifted` is `n + ROUNDER`.
    fn times_two_to(&mut self, y: Value, shifted: Value) -> Value {
        let rounder = self.whole_number(<f32 as Real>::ROUNDER.to_bits(), <f64 as Real>::ROUNDER.to_bits());
        let bits = self.bits(shifted);
        let n = self.b.ins().isub(bits, rounder);
        let half = self.b.ins().sshr_imm_u(n, 1);
        let other = self.b.ins().isub(n, half);
        let (half, other) = (self.power(half), self.power(other));
        let y = self.b.ins().fmul(y, half);
        self.b.ins().fmul(y, other)
    }

    /// What the interpreter asks beyond this makes no other bits: NaN goes through all of it, and what lies below the least
    /// exponent is rounded to 0.
    fn exp(&mut self, x: Value) -> Value {
        let (least, most) = (real!(self, EXP_MIN), real!(self, EXP_MAX));
        let below = self.less(x, least);
        let inside = self.choose(below, least, x);
        let above = self.less(most, inside);
        let inside = self.choose(above, most, inside);
        let (shifted, r) = self.reduce(inside);
        let (one, small) = (real!(self, ONE), self.exp_minus_one_small(r));
        let y = self.b.ins().fadd(one, small);
        let y = self.times_two_to(y, shifted);
        let above = self.less(most, x);
        let infinite = self.number(f32::INFINITY, f64::INFINITY);
        self.choose(above, infinite, y)
    }

    /// `(m, e)` with `x = m * 2^e` and `m` between sqrt(1/2) and sqrt(2), for positive finite numbers.
    fn split(&mut self, x: Value) -> (Value, Value) {
        let least = self.number(f32::MIN_POSITIVE, f64::MIN_POSITIVE);
        let tiny = self.less(x, least);
        let grown = self.number(33_554_432.0, 18_014_398_509_481_984.0);
        let grown = self.b.ins().fmul(x, grown);
        let x = self.choose(tiny, grown, x);
        let (shift, none) = (self.number(-25.0, -54.0), real!(self, ZERO));
        let shift = self.choose(tiny, shift, none);
        let root = self.whole_number(0x3f35_04f3, 0x3fe6_a09e_667f_3bcd);
        let bits = self.bits(x);
        let bits = self.b.ins().isub(bits, root);
        let by = self.mantissa();
        let e = self.b.ins().sshr_imm_u(bits, by);
        // A small whole number becomes a float where the rounder's lowest bits count: rows of i64 have no other conversion.
        let (rounder, e) = (real!(self, ROUNDER), {
            let rounder = self.whole_number(<f32 as Real>::ROUNDER.to_bits(), <f64 as Real>::ROUNDER.to_bits());
            let bits = self.b.ins().iadd(rounder, e);
            self.float(bits)
        });
        let e = self.b.ins().fsub(e, rounder);
        let e = self.b.ins().fadd(e, shift);
        let mask = self.whole_number(0x007f_ffff, 0x000f_ffff_ffff_ffff);
        let m = self.b.ins().band(bits, mask);
        let m = self.b.ins().iadd(m, root);
        (self.float(m), e)
    }

    fn log(&mut self, x: Value) -> Value {
        let (m, k) = self.split(x);
        let (one, two, half) = (real!(self, ONE), real!(self, TWO), real!(self, HALF));
        let f = self.b.ins().fsub(m, one);
        let below = self.b.ins().fadd(two, f);
        let s = self.b.ins().fdiv(f, below);
        let z = self.b.ins().fmul(s, s);
        let series = polynomial!(self, LOG_TERMS, z);
        let series = self.b.ins().fmul(z, series);
        let half_square = self.b.ins().fmul(half, f);
        let half_square = self.b.ins().fmul(half_square, f);
        let (high, low) = (real!(self, LN2_HI), real!(self, LN2_LO));
        let (high, low) = (self.b.ins().fmul(k, high), self.b.ins().fmul(k, low));
        let inner = self.b.ins().fadd(half_square, series);
        let inner = self.b.ins().fmul(s, inner);
        let inner = self.b.ins().fadd(inner, low);
        let inner = self.b.ins().fsub(half_square, inner);
        let inner = self.b.ins().fsub(inner, f);
        let y = self.b.ins().fsub(high, inner);
        let zero = real!(self, ZERO);
        let infinite = self.number(f32::INFINITY, f64::INFINITY);
        let lowest = self.number(f32::NEG_INFINITY, f64::NEG_INFINITY);
        let nan = self.number(f32::NAN, f64::NAN);
        let positive = self.less(zero, x);
        let finite = self.less(x, infinite);
        let outside = self.choose(positive, x, nan);
        let none = self.b.ins().fcmp(FloatCC::Equal, x, zero);
        let outside = self.choose(none, lowest, outside);
        let inside = self.b.ins().band(positive, finite);
        self.choose(inside, y, outside)
    }

    /// The result is that of the magnitude, with the sign; NaN goes through all of it.
    fn tanh(&mut self, x: Value) -> Value {
        let a = self.b.ins().fabs(x);
        let most = real!(self, TANH_MAX);
        let above = self.less(most, a);
        let limited = self.choose(above, most, a);
        let twice = self.b.ins().fadd(limited, limited);
        let (shifted, r) = self.reduce(twice);
        let (one, two) = (real!(self, ONE), real!(self, TWO));
        let two_n = self.times_two_to(one, shifted);
        let small = self.exp_minus_one_small(r);
        let small = self.b.ins().fmul(two_n, small);
        let rest = self.b.ins().fsub(two_n, one);
        let e = self.b.ins().fadd(small, rest);
        let below = self.b.ins().fadd(e, two);
        let y = self.b.ins().fdiv(e, below);
        let sign = self.whole_number(1 << 31, 1 << 63);
        let (x, y) = (self.bits(x), self.bits(y));
        let sign = self.b.ins().band(x, sign);
        let signed = self.b.ins().bor(y, sign);
        self.float(signed)
    }

    fn sigmoid(&mut self, x: Value) -> Value {
        let a = self.b.ins().fabs(x);
        let a = self.b.ins().fneg(a);
        let e = self.exp(a);
        let (zero, one) = (real!(self, ZERO), real!(self, ONE));
        let negative = self.less(x, zero);
        let above = self.choose(negative, e, one);
        let below = self.b.ins().fadd(one, e);
        self.b.ins().fdiv(above, below)
    }
}
