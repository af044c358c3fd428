//! `+ - * /` and their like. Floats follow IEEE 754; whole numbers never wrap: an overflow or a division by zero is an error.

use super::{joint_shape, zip};
use crate::call::Call;
use crate::error::{OpError, Outcome};
use crate::view::{Element, on, tensor};
use mu_format::value::Value;

/// Element types with arithmetic. Each function sets `bad` where the exact result does not fit and keeps it otherwise.
pub(crate) trait Number: Element + PartialOrd {
    fn add(self, other: Self, bad: &mut bool) -> Self;
    fn sub(self, other: Self, bad: &mut bool) -> Self;
    fn mul(self, other: Self, bad: &mut bool) -> Self;
    fn div(self, other: Self, bad: &mut bool) -> Self;
    /// Whether it is NaN.
    fn is_nan(self) -> bool;
}

macro_rules! whole {
    ($type:ty) => {
        impl Number for $type {
            fn add(self, other: Self, bad: &mut bool) -> Self {
                let (result, over) = self.overflowing_add(other);
                *bad |= over;
                result
            }
            fn sub(self, other: Self, bad: &mut bool) -> Self {
                let (result, over) = self.overflowing_sub(other);
                *bad |= over;
                result
            }
            fn mul(self, other: Self, bad: &mut bool) -> Self {
                let (result, over) = self.overflowing_mul(other);
                *bad |= over;
                result
            }
            fn div(self, other: Self, bad: &mut bool) -> Self {
                let result = self.checked_div(other);
                *bad |= result.is_none();
                result.unwrap_or_default()
            }
            fn is_nan(self) -> bool {
                false
            }
        }
    };
}
whole!(u8);
whole!(i32);
whole!(i64);

macro_rules! float {
    ($type:ty) => {
        impl Number for $type {
            fn add(self, other: Self, _: &mut bool) -> Self {
                self + other
            }
            fn sub(self, other: Self, _: &mut bool) -> Self {
                self - other
            }
            fn mul(self, other: Self, _: &mut bool) -> Self {
                self * other
            }
            fn div(self, other: Self, _: &mut bool) -> Self {
                self / other
            }
            fn is_nan(self) -> bool {
                self.is_nan()
            }
        }
    };
}
float!(f32);
float!(f64);

pub(crate) fn overflow() -> OpError {
    OpError::bad("integer overflow")
}

/// `$f` on both operands, whatever number type they have.
macro_rules! binary {
    ($name:ident, $f:expr) => {
        pub(crate) fn $name(call: &Call) -> Outcome<Value> {
            let (a, b) = (call.view(0)?, call.view(1)?);
            let shape = joint_shape(call, a, b)?;
            on!(a.data, [U8, I32, I64, F32, F64], x => {
                let (_, y) = call.elements(1)?;
                let mut bad = false;
                let result = zip(x, y, |x, y| $f(x, y, &mut bad));
                if bad { Err(overflow()) } else { Ok(tensor(shape, result)) }
            }, Err(call.wrong("a bool is no number")))
        }
    };
}

binary!(add, Number::add);
binary!(sub, Number::sub);
binary!(mul, Number::mul);
binary!(quotient, Number::div);
binary!(min, |a, b, _: &mut bool| lesser(a, b));
binary!(max, |a, b, _: &mut bool| greater(a, b));

/// Towards zero for whole numbers.
pub(crate) fn div(call: &Call) -> Outcome<Value> {
    let zero = on!(call.view(1)?.data, [U8, I32, I64], y => Element::any_zero(y), false);
    if zero { Err(OpError::bad("division by zero")) } else { quotient(call) }
}

/// The smaller; the first of equal ones; NaN where either is NaN.
pub(crate) fn lesser<T: Number>(a: T, b: T) -> T {
    if b < a || b.is_nan() { b } else { a }
}

/// The larger; the first of equal ones; NaN where either is NaN.
pub(crate) fn greater<T: Number>(a: T, b: T) -> T {
    if b > a || b.is_nan() { b } else { a }
}

pub(crate) fn clamp(call: &Call) -> Outcome<Value> {
    let x = call.view(0)?;
    on!(x.data, [U8, I32, I64, F32, F64], elements => {
        let (low, high) = (call.scalar(1)?, call.scalar(2)?);
        let result = elements.iter().map(|x| lesser(greater(*x, low), high)).collect();
        Ok(tensor(x.shape, result))
    }, Err(call.wrong("a bool is no number")))
}

pub(crate) fn scale(call: &Call) -> Outcome<Value> {
    let x = call.view(0)?;
    let by = call.scalar::<f32>(1)?;
    let result = super::convert::as_f32(x.data).into_iter().map(|x| x * by).collect();
    Ok(tensor(x.shape, result))
}

pub(crate) fn normalize(call: &Call) -> Outcome<Value> {
    let (channels, _, data) = call.rows(0)?;
    let ([means], mean) = call.grid::<f32, 1>(1)?;
    let ([stds], std) = call.grid::<f32, 1>(2)?;
    if means != channels || stds != channels {
        return Err(call.bad(&format!("{channels} channels, but {means} means and {stds} deviations")));
    }
    let mut result = super::convert::as_f32(data);
    let plane = (result.len() / channels.max(1)).max(1);
    for ((plane, mean), std) in result.chunks_mut(plane).zip(mean).zip(std) {
        for x in plane {
            *x = (*x - mean) / std;
        }
    }
    Ok(tensor(call.view(0)?.shape, result))
}
