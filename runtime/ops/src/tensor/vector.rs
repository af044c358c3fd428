//! Vectors and softmax. Sums go in the order of [`crate::reduce`].

use crate::approx::{self, Real};
use crate::call::{Call, list};
use crate::error::Outcome;
use crate::number::{Number, as_f32, greater};
use crate::reduce::{self, Summand};
use crate::view::{View, on, scalar, tensor};
use mu_format::value::Value;

/// Over the last axis: the largest element is taken away, then `exp` of each is divided by their sum.
pub(crate) fn softmax(call: &Call) -> Outcome<Value> {
    fn rows<T: Real + Number + Summand>(x: &[T], width: usize) -> Vec<T> {
        let mut result = x.to_vec();
        for row in result.chunks_mut(width.max(1)) {
            let Some(largest) = row.iter().copied().reduce(greater) else { continue };
            for x in row.iter_mut() {
                *x = approx::exp(*x - largest);
            }
            let sum = reduce::sum(row);
            for x in row.iter_mut() {
                *x = *x / sum;
            }
        }
        result
    }
    let view = call.view(0)?;
    let width = view.shape.last().copied().unwrap_or(1);
    on!(view.data, [F32, F64], x => Ok(tensor(view.shape, rows(x, width))), Err(call.wrong("the elements are no floats")))
}

/// Two f32 vectors of one length.
fn pair<'a>(call: &Call<'a>) -> Outcome<(&'a [f32], &'a [f32])> {
    let (([n], a), ([m], b)) = (call.grid::<f32, 1>(0)?, call.grid::<f32, 1>(1)?);
    if n == m { Ok((a, b)) } else { Err(call.bad(&format!("vectors of {n} and {m} elements"))) }
}

pub(crate) fn dot(call: &Call) -> Outcome<Value> {
    let (a, b) = pair(call)?;
    Ok(scalar(reduce::dot(a, b)))
}

pub(crate) fn cosine(call: &Call) -> Outcome<Value> {
    let (a, b) = pair(call)?;
    let lengths = reduce::dot(a, a).sqrt() * reduce::dot(b, b).sqrt();
    Ok(scalar(if lengths == 0.0 { 0.0 } else { reduce::dot(a, b) / lengths }))
}

pub(crate) fn unit_length(call: &Call) -> Outcome<Value> {
    let ([n], x) = call.grid::<f32, 1>(0)?;
    let length = reduce::dot(x, x).sqrt();
    let result = if length == 0.0 { x.to_vec() } else { x.iter().map(|x| x / length).collect() };
    Ok(tensor(&[n], result))
}

pub(crate) fn elements(call: &Call) -> Outcome<Value> {
    Ok(on!(call.view(0)?.data, x => list(x.iter().map(|x| scalar(*x)).collect())))
}

pub(crate) fn features(call: &Call) -> Outcome<Value> {
    let mut result = Vec::new();
    for field in call.record(0)? {
        match View::of(field) {
            Some(view) if view.is_scalar() => result.extend(as_f32(view.data)),
            _ => return Err(call.wrong("a field is no number")),
        }
    }
    Ok(tensor(&[result.len()], result))
}
