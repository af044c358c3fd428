//! One number out of many, and sums along an axis.

use crate::call::{Call, whole};
use crate::error::Outcome;
use crate::number::{Number, greater, lesser, overflow};
use crate::reduce::{self, Summand};
use crate::view::{Element, Slice, on, scalar, tensor};
use mu_format::tensor::DType;
use mu_format::types::Type;
use mu_format::value::Value;
use std::ops::Div;

/// A sum of whole numbers is exact inside; only the result must fit.
fn whole_sum<T: Element + Into<i64> + TryFrom<i128>>(x: &[T]) -> Outcome<Value> {
    let exact: i128 = x.iter().map(|x| i128::from((*x).into())).sum();
    T::try_from(exact).map(scalar).map_err(|_| overflow())
}

fn add_up(call: &Call, data: Slice) -> Outcome<Value> {
    match data {
        Slice::F32(x) => Ok(scalar(reduce::sum(x))),
        Slice::F64(x) => Ok(scalar(reduce::sum(x))),
        Slice::U8(x) => whole_sum(x),
        Slice::I32(x) => whole_sum(x),
        Slice::I64(x) => whole_sum(x),
        Slice::Bool(_) => Err(call.wrong("bools have no sum")),
    }
}

pub(crate) fn sum(call: &Call) -> Outcome<Value> {
    add_up(call, call.view(0)?.data)
}

/// The sum of a list of numbers.
pub(crate) fn total(call: &Call) -> Outcome<Value> {
    let Type::Tensor(dtype, _) = call.result else { return Err(call.wrong("the result is no number")) };
    match dtype {
        DType::F32 => add_up(call, Slice::F32(&call.scalars(0)?)),
        DType::F64 => add_up(call, Slice::F64(&call.scalars(0)?)),
        DType::U8 => add_up(call, Slice::U8(&call.scalars(0)?)),
        DType::I32 => add_up(call, Slice::I32(&call.scalars(0)?)),
        DType::I64 => add_up(call, Slice::I64(&call.scalars(0)?)),
        DType::Bool => Err(call.wrong("bools have no sum")),
    }
}

/// The sum divided by the count; NaN where there are no elements.
pub(crate) fn mean(call: &Call) -> Outcome<Value> {
    match call.view(0)?.data {
        Slice::F32(x) => Ok(scalar(reduce::sum(x) / x.len() as f32)),
        Slice::F64(x) => Ok(scalar(reduce::sum(x) / x.len() as f64)),
        _ => Err(call.wrong("the elements are no floats")),
    }
}

/// Rows are added one by one, from the first to the last; then each sum is divided by the count.
fn column_means<T: Summand + Div<Output = T>>(x: &[T], width: usize, rows: T) -> Vec<T> {
    let mut sums = vec![T::default(); width];
    for row in x.chunks_exact(width.max(1)) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum = *sum + *x;
        }
    }
    sums.into_iter().map(|sum| sum / rows).collect()
}

pub(crate) fn mean_first(call: &Call) -> Outcome<Value> {
    let (rows, rest, data) = call.rows(0)?;
    let width = call.affordable(rest)?;
    match data {
        Slice::F32(x) => Ok(tensor(rest, column_means(x, width, rows as f32))),
        Slice::F64(x) => Ok(tensor(rest, column_means(x, width, rows as f64))),
        _ => Err(call.wrong("the elements are no floats")),
    }
}

pub(crate) fn largest_of(call: &Call) -> Outcome<Value> {
    on!(call.view(0)?.data, [U8, I32, I64, F32, F64], x => {
        x.iter().copied().reduce(greater).map(scalar).ok_or_else(|| call.bad("there are no elements"))
    }, Err(call.wrong("bools have no order")))
}

pub(crate) fn smallest_of(call: &Call) -> Outcome<Value> {
    on!(call.view(0)?.data, [U8, I32, I64, F32, F64], x => {
        x.iter().copied().reduce(lesser).map(scalar).ok_or_else(|| call.bad("there are no elements"))
    }, Err(call.wrong("bools have no order")))
}

/// The first of equal ones; the first NaN where there is one.
pub(crate) fn argmax(call: &Call) -> Outcome<Value> {
    on!(call.view(0)?.data, [U8, I32, I64, F32, F64], x => {
        let best = x.iter().copied().reduce(greater).ok_or_else(|| call.bad("there are no elements"))?;
            let at = x.iter().position(|x| *x == best || x.is_nan()).unwrap_or(0);
        Ok(whole(at))
    }, Err(call.wrong("bools have no order")))
}
