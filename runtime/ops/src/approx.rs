//! exp, log, tanh and sigmoid from additions, multiplications and divisions alone: the same bits on every machine.
//!
//! Errors are at most 1.5 units of the last place for `exp` and `log` and 3 for `tanh` and `sigmoid`, for f32 and f64 alike (the
//! tests sweep each range and compare with f64 of the standard library).
//!
//! Where the result is subnormal, the error is counted in steps of the smallest number. Overflow gives infinity, the log of 0
//! minus infinity, the log of what is below 0 NaN, and NaN gives NaN.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the approximations need to know of a float type. All functions stand for one element.
pub trait Real:
    Copy
    + 'static
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    const ZERO: Self;
    const HALF: Self;
    const ONE: Self;
    const TWO: Self;
    const LOG2_E: Self;
    /// ln 2 in two parts: `HI` has so few digits that its product with an exponent is exact.
    const LN2_HI: Self;
    const LN2_LO: Self;
    /// Added and taken away again, it rounds to a whole number, ties to even.
    const ROUNDER: Self;
    /// Below it, `exp` is 0; above the other, infinite.
    const EXP_MIN: Self;
    const EXP_MAX: Self;
    /// From here on, `tanh` is 1.
    const TANH_MAX: Self;
    /// `1/n!` for n from the highest down to 2.
    const EXP_TERMS: &[Self];
    /// `2/(2n+1)` for n from the highest down to 1.
    const LOG_TERMS: &[Self];
    fn magnitude(self) -> Self;
    /// `y` times two to the `n`, where `shifted` is `n + ROUNDER`: the whole number is read off its lowest bits, since machines
    /// convert floats to integers one by one but work on bits in rows. In two steps, as 2^n itself may be no normal number.
    fn times_two_to(y: Self, shifted: Self) -> Self;
    /// `(m, e)` with `self = m * 2^e` and `m` between sqrt(1/2) and sqrt(2), for positive finite numbers.
    fn split(self) -> (Self, Self);
    fn infinite() -> Self;
    fn nan() -> Self;
}

/// `exp(r) - 1` for `r` up to ln(2)/2 in magnitude: a Taylor polynomial.
#[inline]
fn exp_minus_one_small<T: Real>(r: T) -> T {
    let mut p = T::ZERO;
    for term in T::EXP_TERMS {
        p = p * r + *term;
    }
    r + r * r * p
}

/// `(n + ROUNDER, r)` with `x = n ln 2 + r`.
#[inline]
fn reduce<T: Real>(x: T) -> (T, T) {
    let shifted = x * T::LOG2_E + T::ROUNDER;
    let n = shifted - T::ROUNDER;
    (shifted, (x - n * T::LN2_HI) - n * T::LN2_LO)
}

/// e to the `x`.
#[inline]
pub fn exp<T: Real>(x: T) -> T {
    let inside = if x < T::EXP_MIN { T::EXP_MIN } else { x };
    let inside = if inside > T::EXP_MAX { T::EXP_MAX } else { inside };
    let (shifted, r) = reduce(inside);
    let y = T::times_two_to(T::ONE + exp_minus_one_small(r), shifted);
    let y = if x > T::EXP_MAX { T::infinite() } else { y };
    let y = if x < T::EXP_MIN { T::ZERO } else { y };
    // Only a comparison with NaN fails both ways.
    if x < T::ZERO || x >= T::ZERO { y } else { x }
}

/// The natural logarithm.
#[inline]
pub fn log<T: Real>(x: T) -> T {
    if x > T::ZERO && x < T::infinite() {
        let (m, k) = x.split();
        let f = m - T::ONE;
        let s = f / (T::TWO + f);
        let z = s * s;
        let mut series = T::ZERO;
        for term in T::LOG_TERMS {
            series = series * z + *term;
        }
        let half_square = T::HALF * f * f;
        k * T::LN2_HI - ((half_square - (s * (half_square + z * series) + k * T::LN2_LO)) - f)
    } else if x == T::ZERO {
        -T::infinite()
    } else if x > T::ZERO {
        x
    } else {
        T::nan()
    }
}

/// The hyperbolic tangent.
#[inline]
pub fn tanh<T: Real>(x: T) -> T {
    let a = x.magnitude();
    let limited = if a < T::TANH_MAX { a } else { T::TANH_MAX };
    // exp(2a) - 1, without cancellation for small `a`.
    let (shifted, r) = reduce(limited + limited);
    let two_n = T::times_two_to(T::ONE, shifted);
    let e = two_n * exp_minus_one_small(r) + (two_n - T::ONE);
    let y = e / (e + T::TWO);
    if x < T::ZERO {
        -y
    } else if x > T::ZERO {
        y
    } else {
        x
    }
}

/// `1 / (1 + exp(-x))`.
#[inline]
pub fn sigmoid<T: Real>(x: T) -> T {
    // exp never overflows, so that small results keep their digits.
    let e = exp(-x.magnitude());
    if x < T::ZERO { e / (T::ONE + e) } else { T::ONE / (T::ONE + e) }
}

impl Real for f32 {
    const ZERO: f32 = 0.0;
    const HALF: f32 = 0.5;
    const ONE: f32 = 1.0;
    const TWO: f32 = 2.0;
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN2_HI: f32 = f32::from_bits(0x3f31_7200);
    const LN2_LO: f32 = f32::from_bits(0x35bf_be8e);
    const ROUNDER: f32 = 12_582_912.0;
    const EXP_MIN: f32 = -104.0;
    const EXP_MAX: f32 = 88.722_84;
    const TANH_MAX: f32 = 9.5;
    const EXP_TERMS: &[f32] = &[1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0];
    const LOG_TERMS: &[f32] = &[2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0];

    fn magnitude(self) -> f32 {
        self.abs()
    }

    fn times_two_to(y: f32, shifted: f32) -> f32 {
        let n = shifted.to_bits().wrapping_sub(Self::ROUNDER.to_bits()).cast_signed();
        let power = |n: i32| f32::from_bits((n.wrapping_add(127) << 23).cast_unsigned());
        y * power(n >> 1) * power(n.wrapping_sub(n >> 1))
    }

    fn split(self) -> (f32, f32) {
        let (x, shift) = if self < f32::MIN_POSITIVE { (self * 33_554_432.0, -25) } else { (self, 0) };
        // The exponent is counted from sqrt(1/2), so that the mantissa lies around 1.
        let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
        let e = (bits.cast_signed() >> 23) + shift;
        (f32::from_bits((bits & 0x007f_ffff) + 0x3f35_04f3), e as f32)
    }

    fn infinite() -> f32 {
        f32::INFINITY
    }

    fn nan() -> f32 {
        f32::NAN
    }
}

impl Real for f64 {
    const ZERO: f64 = 0.0;
    const HALF: f64 = 0.5;
    const ONE: f64 = 1.0;
    const TWO: f64 = 2.0;
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LO: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    const EXP_MIN: f64 = -745.2;
    const EXP_MAX: f64 = 709.782_712_893_384;
    const TANH_MAX: f64 = 20.0;
    const EXP_TERMS: &[f64] = &[
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
    ];
    const LOG_TERMS: &[f64] = &[
        2.0 / 23.0,
        2.0 / 21.0,
        2.0 / 19.0,
        2.0 / 17.0,
        2.0 / 15.0,
        2.0 / 13.0,
        2.0 / 11.0,
        2.0 / 9.0,
        2.0 / 7.0,
        2.0 / 5.0,
        2.0 / 3.0,
    ];

    fn magnitude(self) -> f64 {
        self.abs()
    }

    fn times_two_to(y: f64, shifted: f64) -> f64 {
        let n = shifted.to_bits().wrapping_sub(Self::ROUNDER.to_bits()).cast_signed();
        let power = |n: i64| f64::from_bits((n.wrapping_add(1023) << 52).cast_unsigned());
        y * power(n >> 1) * power(n.wrapping_sub(n >> 1))
    }

    fn split(self) -> (f64, f64) {
        let (x, shift) = if self < f64::MIN_POSITIVE { (self * 18_014_398_509_481_984.0, -54) } else { (self, 0) };
        let bits = x.to_bits().wrapping_sub(0x3fe6_a09e_667f_3bcd);
        let e = (bits.cast_signed() >> 52) + shift;
        (f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + 0x3fe6_a09e_667f_3bcd), e as f64)
    }

    fn infinite() -> f64 {
        f64::INFINITY
    }

    fn nan() -> f64 {
        f64::NAN
    }
}
