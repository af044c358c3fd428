//! Functions of one number, element by element.

use super::arithmetic::overflow;
use crate::approx;
use crate::call::Call;
use crate::error::Outcome;
use crate::view::{Element, Slice, View, on, tensor};
use mu_format::value::Value;

/// `$f` on each element of a float tensor.
macro_rules! float {
    ($name:ident, $x:ident => $f:expr) => {
        pub(crate) fn $name(call: &Call) -> Outcome<Value> {
            let view = call.view(0)?;
            on!(view.data, [F32, F64], elements => {
                Ok(tensor(view.shape, elements.iter().map(|$x| { let $x = *$x; $f }).collect()))
            }, Err(call.wrong("the elements are no floats")))
        }
    };
}

float!(square, x => x * x);
float!(sqrt, x => x.sqrt());
float!(exp, x => approx::exp(x));
float!(log, x => approx::log(x));
float!(tanh, x => approx::tanh(x));
float!(sigmoid, x => approx::sigmoid(x));
float!(floor, x => x.floor());
float!(round, x => x.round_ties_even());

/// `f` on each whole number, where every result fits.
fn checked<T: Element>(view: View, elements: &[T], f: impl Fn(T) -> Option<T>) -> Outcome<Value> {
    let result: Option<Vec<T>> = elements.iter().map(|x| f(*x)).collect();
    Ok(tensor(view.shape, result.ok_or_else(overflow)?))
}

pub(crate) fn neg(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    match view.data {
        Slice::F32(x) => Ok(tensor(view.shape, x.iter().map(|x| -x).collect())),
        Slice::F64(x) => Ok(tensor(view.shape, x.iter().map(|x| -x).collect())),
        Slice::I32(x) => checked(view, x, i32::checked_neg),
        Slice::I64(x) => checked(view, x, i64::checked_neg),
        Slice::Bool(_) | Slice::U8(_) => Err(call.wrong("the elements have no sign")),
    }
}

pub(crate) fn abs(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    match view.data {
        Slice::F32(x) => Ok(tensor(view.shape, x.iter().map(|x| x.abs()).collect())),
        Slice::F64(x) => Ok(tensor(view.shape, x.iter().map(|x| x.abs()).collect())),
        Slice::I32(x) => checked(view, x, i32::checked_abs),
        Slice::I64(x) => checked(view, x, i64::checked_abs),
        Slice::U8(x) => Ok(tensor(view.shape, x.to_vec())),
        Slice::Bool(_) => Err(call.wrong("a bool is no number")),
    }
}
