//! Comparisons and logic. `==` is structural on any value; the others order numbers, and texts by their characters' code points.

use super::{joint_shape, zip};
use crate::call::Call;
use crate::error::Outcome;
use crate::view::{on, tensor};
use mu_format::value::Value;

/// Two texts give a bool, two numbers a bool, a tensor and a number (or two tensors of one shape) a tensor of bools.
macro_rules! order {
    ($name:ident, $op:tt) => {
        pub(crate) fn $name(call: &Call) -> Outcome<Value> {
            if let (Value::Text(a), Value::Text(b)) = (call.arg(0)?, call.arg(1)?) {
                return Ok(Value::Bool(a $op b));
            }
            let (a, b) = (call.view(0)?, call.view(1)?);
            let shape = joint_shape(call, a, b)?;
            on!(a.data, [U8, I32, I64, F32, F64], x => {
                let (_, y) = call.elements(1)?;
                Ok(tensor(shape, zip(x, y, |x, y| x $op y)))
            }, Err(call.wrong("bools have no order")))
        }
    };
}

order!(lt, <);
order!(le, <=);
order!(gt, >);
order!(ge, >=);

/// Same shape and elements, fields, characters or bytes; NaN is unequal to everything.
pub(crate) fn eq(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.arg(0)? == call.arg(1)?))
}

pub(crate) fn ne(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.arg(0)? != call.arg(1)?))
}

fn both(call: &Call, f: impl Fn(bool, bool) -> bool) -> Outcome<Value> {
    let (a, b) = (call.view(0)?, call.view(1)?);
    let shape = joint_shape(call, a, b)?;
    Ok(tensor(shape, zip(call.elements(0)?.1, call.elements(1)?.1, f)))
}

pub(crate) fn and(call: &Call) -> Outcome<Value> {
    both(call, |a, b| a && b)
}

pub(crate) fn or(call: &Call) -> Outcome<Value> {
    both(call, |a, b| a || b)
}

pub(crate) fn not(call: &Call) -> Outcome<Value> {
    let (shape, elements) = call.elements::<bool>(0)?;
    Ok(tensor(shape, elements.iter().map(|x| !x).collect()))
}
