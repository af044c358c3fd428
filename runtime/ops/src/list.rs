//! Lists.

use crate::call::{Call, list, option, record, whole};
use crate::error::Outcome;
use crate::label::best_first;
use mu_format::value::Value;

pub(crate) fn count(call: &Call) -> Outcome<Value> {
    Ok(whole(call.list(0)?.len()))
}

pub(crate) fn get(call: &Call) -> Outcome<Value> {
    let index = usize::try_from(call.scalar::<i64>(1)?).ok();
    let values = call.list(0)?;
    Ok(option(index.and_then(|i| values.get(i)).cloned()))
}

pub(crate) fn take(call: &Call) -> Outcome<Value> {
    let (values, k) = (call.list(0)?, call.dim(0)?);
    Ok(if k >= values.len() { Value::List(values.clone()) } else { list(values[..k].to_vec()) })
}

pub(crate) fn chain(call: &Call) -> Outcome<Value> {
    Ok(list([call.list(0)?.as_slice(), call.list(1)?.as_slice()].concat()))
}

pub(crate) fn largest(call: &Call) -> Outcome<Value> {
    let mut places: Vec<(usize, f32)> = call.scalars(0)?.into_iter().enumerate().collect();
    // The sort is stable: equal values stay in the list's order.
    places.sort_by(|a, b| best_first(a.1, b.1));
    places.truncate(call.dim(0)?);
    Ok(list(places.into_iter().map(|(i, x)| record(vec![whole(i), Value::F32(x)])).collect()))
}

pub(crate) fn all(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.scalars::<bool>(0)?.into_iter().all(|x| x)))
}

pub(crate) fn any(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.scalars::<bool>(0)?.into_iter().any(|x| x)))
}
