//! Functions of one number, element by element.

use super::arithmetic::overflow;
use crate::approx;
use crate::call::Call;
use crate::error::Outcome;
use crate::view::{on, tensor};
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

pub(crate) fn neg(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    on!(view.data, [F32, F64], elements => Ok(tensor(view.shape, elements.iter().map(|x| -*x).collect())),
        on!(view.data, [I32, I64], elements => {
            let result: Option<Vec<_>> = elements.iter().map(|x| x.checked_neg()).collect();
            Ok(tensor(view.shape, result.ok_or_else(overflow)?))
        }, Err(call.wrong("the elements have no sign"))))
}

pub(crate) fn abs(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    on!(view.data, [F32, F64], elements => Ok(tensor(view.shape, elements.iter().map(|x| x.abs()).collect())),
        on!(view.data, [I32, I64], elements => {
            let result: Option<Vec<_>> = elements.iter().map(|x| x.checked_abs()).collect();
            Ok(tensor(view.shape, result.ok_or_else(overflow)?))
        }, on!(view.data, [U8], elements => Ok(tensor(view.shape, elements.to_vec())),
            Err(call.wrong("a bool is no number")))))
}
