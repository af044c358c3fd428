//! Numbers, alone and in tensors, element by element; comparisons and logic.

mod arithmetic;
mod compare;
mod convert;
mod unary;

pub(crate) use arithmetic::{Number, add, clamp, div, greater, lesser, max, min, mul, normalize, overflow, scale, sub};
pub(crate) use compare::{and, eq, ge, gt, le, lt, ne, not, or};
pub(crate) use convert::{as_f32, finite, to_f32, to_f64, to_i32, to_i64};
pub(crate) use unary::{abs, exp, floor, log, neg, round, sigmoid, sqrt, square, tanh};

use crate::call::Call;
use crate::error::Outcome;
use crate::view::View;

/// The shape of an operation on two operands: one may be a scalar, else both have one shape.
fn joint_shape<'a>(call: &Call, a: View<'a>, b: View<'a>) -> Outcome<&'a [usize]> {
    if b.is_scalar() {
        Ok(a.shape)
    } else if a.is_scalar() || a.shape == b.shape {
        Ok(b.shape)
    } else {
        Err(call.bad(&format!("shapes {:?} and {:?} differ", a.shape, b.shape)))
    }
}

/// `f` on each pair of elements; a single element goes with every one of the other side.
fn zip<T: Copy, R>(a: &[T], b: &[T], mut f: impl FnMut(T, T) -> R) -> Vec<R> {
    match (a, b) {
        (_, [b]) => a.iter().map(|a| f(*a, *b)).collect(),
        ([a], _) => b.iter().map(|b| f(*a, *b)).collect(),
        _ => a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect(),
    }
}
