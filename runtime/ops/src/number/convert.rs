//! From one element type to another.

use crate::call::{Call, option};
use crate::error::Outcome;
use crate::view::{Slice, on, scalar, tensor};
use mu_format::value::Value;

/// `as` between numbers, and 0 or 1 for bools.
macro_rules! conversion {
    ($convert:ident, $name:ident, $type:ty) => {
        pub(crate) fn $convert(data: Slice) -> Vec<$type> {
            match data {
                Slice::Bool(x) => x.iter().map(|x| u8::from(*x) as $type).collect(),
                Slice::U8(x) => x.iter().map(|x| *x as $type).collect(),
                Slice::I32(x) => x.iter().map(|x| *x as $type).collect(),
                Slice::I64(x) => x.iter().map(|x| *x as $type).collect(),
                Slice::F32(x) => x.iter().map(|x| *x as $type).collect(),
                Slice::F64(x) => x.iter().map(|x| *x as $type).collect(),
            }
        }

        pub(crate) fn $name(call: &Call) -> Outcome<Value> {
            let view = call.view(0)?;
            Ok(tensor(view.shape, $convert(view.data)))
        }
    };
}

conversion!(as_f32, to_f32, f32);
conversion!(as_f64, to_f64, f64);
conversion!(as_i64, to_i64, i64);

/// By way of i64, whose range is then cut, since `as` alone would drop the upper half.
pub(crate) fn to_i32(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    let cut = |x: i64| x.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
    Ok(tensor(view.shape, as_i64(view.data).into_iter().map(cut).collect()))
}

pub(crate) fn finite(call: &Call) -> Outcome<Value> {
    on!(call.view(0)?.data, [F32, F64], x => {
        Ok(option(x.first().filter(|x| x.is_finite()).map(|x| scalar(*x))))
    }, Err(call.wrong("the argument is no float")))
}
