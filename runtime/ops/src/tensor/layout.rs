//! The same elements in another shape or order. Nothing here computes with them.

use crate::call::{Call, one};
use crate::error::{OpError, Outcome};
use crate::view::{Element, Slice, View, on, tensor, value};
use mu_format::tensor::{DType, Data};
use mu_format::types::Type;
use mu_format::value::Value;
use std::ops::Range;

/// Stretches of a slice, one after the other.
fn pick(data: Slice, ranges: impl Iterator<Item = Range<usize>>) -> Data {
    fn gather<T: Element>(x: &[T], ranges: impl Iterator<Item = Range<usize>>) -> Data {
        let mut result = Vec::new();
        // A tensor without elements may still have very many rows.
        let ranges = ranges.take(if x.is_empty() { 0 } else { usize::MAX });
        for range in ranges {
            result.extend_from_slice(&x[range]);
        }
        T::data(result)
    }
    on!(data, x => gather(x, ranges))
}

fn size(shape: &[usize]) -> usize {
    shape.iter().fold(1, |n, d| n.saturating_mul(*d))
}

fn joined(first: usize, rest: &[usize]) -> Vec<usize> {
    let mut shape = vec![first];
    shape.extend_from_slice(rest);
    shape
}

/// All dimensions but the last, and the last.
fn columns<'a>(call: &Call<'a>, i: usize) -> Outcome<(&'a [usize], usize, Slice<'a>)> {
    let view = call.view(i)?;
    let (last, rest) = view.shape.split_last().ok_or_else(|| call.wrong("a scalar has no last axis"))?;
    Ok((rest, *last, view.data))
}

pub(crate) fn batch(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    Ok(value(joined(1, view.shape), view.data.to_data()))
}

pub(crate) fn first(call: &Call) -> Outcome<Value> {
    let (rows, rest, data) = call.rows(0)?;
    if rows == 0 {
        return Err(call.bad("the first axis is empty"));
    }
    Ok(value(rest.to_vec(), pick(data, std::iter::once(0..size(rest)))))
}

/// One dimension may be -1: it takes what the others leave.
pub(crate) fn reshape(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    let wanted = call.dims(0)?;
    let count = view.data.len();
    let known: Option<usize> =
        wanted.iter().filter(|d| **d >= 0).try_fold(1usize, |n, d| n.checked_mul(usize::try_from(*d).ok()?));
    let misfit = || call.bad(&format!("{count} elements do not fill the shape {wanted:?}"));
    let known = known.ok_or_else(misfit)?;
    let rest = count.checked_div(known).unwrap_or(0);
    let shape: Vec<usize> = wanted.iter().map(|d| usize::try_from(*d).unwrap_or(rest)).collect();
    let filled = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
    if filled != Some(count) || wanted.iter().filter(|d| **d < 0).count() > 1 {
        return Err(misfit());
    }
    Ok(value(shape, view.data.to_data()))
}

pub(crate) fn concat(call: &Call) -> Outcome<Value> {
    let ((rows_a, rest, a), (rows_b, rest_b, b)) = (call.rows(0)?, call.rows(1)?);
    if rest != rest_b {
        return Err(call.bad(&format!("rows of shape {rest:?} and {rest_b:?} differ")));
    }
    let shape = joined(rows_a.saturating_add(rows_b), rest);
    on!(a, x => {
        let b = Element::slice(b).ok_or_else(|| call.wrong("element types differ"))?;
        Ok(tensor(&shape, [x, b].concat()))
    })
}

pub(crate) fn concat_last(call: &Call) -> Outcome<Value> {
    let ((rest, wide_a, a), (rest_b, wide_b, b)) = (columns(call, 0)?, columns(call, 1)?);
    if rest != rest_b {
        return Err(call.bad(&format!("leading shapes {rest:?} and {rest_b:?} differ")));
    }
    let mut shape = rest.to_vec();
    shape.push(wide_a.saturating_add(wide_b));
    on!(a, x => {
        let y = Element::slice(b).ok_or_else(|| call.wrong("element types differ"))?;
        let mut result = Vec::with_capacity(x.len() + y.len());
        let rows = if result.capacity() == 0 { 0 } else { size(rest) };
        for row in 0..rows {
            result.extend_from_slice(&x[row * wide_a..(row + 1) * wide_a]);
            result.extend_from_slice(&y[row * wide_b..(row + 1) * wide_b]);
        }
        Ok(tensor(&shape, result))
    })
}

/// `from..to`, held against what there is.
fn bounds(call: &Call, there: usize) -> Outcome<(usize, usize)> {
    let (from, to) = (call.dim(0)?, call.dim(1)?);
    if from > to || to > there {
        return Err(call.bad(&format!("{from}..{to} is not within 0..{there}")));
    }
    Ok((from, to))
}

pub(crate) fn slice(call: &Call) -> Outcome<Value> {
    let (rows, rest, data) = call.rows(0)?;
    let (from, to) = bounds(call, rows)?;
    let row = size(rest);
    Ok(value(joined(to - from, rest), pick(data, std::iter::once(from * row..to * row))))
}

pub(crate) fn slice_last(call: &Call) -> Outcome<Value> {
    let (rest, wide, data) = columns(call, 0)?;
    let (from, to) = bounds(call, wide)?;
    let mut shape = rest.to_vec();
    shape.push(to - from);
    Ok(value(shape, pick(data, (0..size(rest)).map(|row| row * wide + from..row * wide + to))))
}

/// Exchanges the two axes of each of `planes` grids of `rows` x `cols`.
fn exchanged(data: Slice, planes: usize, rows: usize, cols: usize) -> Data {
    fn exchange<T: Element>(x: &[T], planes: usize, rows: usize, cols: usize) -> Data {
        let mut result = Vec::with_capacity(x.len());
        let planes = if x.is_empty() { 0 } else { planes };
        for plane in 0..planes {
            let grid = &x[plane * rows * cols..(plane + 1) * rows * cols];
            for col in 0..cols {
                result.extend(grid.iter().skip(col).step_by(cols));
            }
        }
        T::data(result)
    }
    on!(data, x => exchange(x, planes, rows, cols))
}

pub(crate) fn transpose(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    let [rest @ .., rows, cols] = view.shape else { return Err(call.wrong("fewer than two axes")) };
    let mut shape = rest.to_vec();
    shape.extend([*cols, *rows]);
    Ok(value(shape, exchanged(view.data, size(rest), *rows, *cols)))
}

pub(crate) fn hwc(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    let [c, h, w] = *view.shape else { return Err(call.wrong("not three axes")) };
    Ok(value(vec![h, w, c], exchanged(view.data, 1, c, size(&[h, w]))))
}

pub(crate) fn chw(call: &Call) -> Outcome<Value> {
    let view = call.view(0)?;
    let [h, w, c] = *view.shape else { return Err(call.wrong("not three axes")) };
    Ok(value(vec![c, h, w], exchanged(view.data, 1, size(&[h, w]), c)))
}

pub(crate) fn flip(call: &Call) -> Outcome<Value> {
    let (rows, rest, data) = call.rows(0)?;
    let row = size(rest);
    Ok(value(joined(rows, rest), pick(data, (0..rows).rev().map(|r| r * row..(r + 1) * row))))
}

pub(crate) fn zeros(call: &Call) -> Outcome<Value> {
    let shape: Option<Vec<usize>> = call.dims(0)?.iter().map(|d| usize::try_from(*d).ok()).collect();
    let shape = shape.ok_or_else(|| call.wrong("a dimension is below 0"))?;
    Ok(tensor(&shape, vec![0f32; call.affordable(&shape)?]))
}

pub(crate) fn ones_like(call: &Call) -> Outcome<Value> {
    fn ones<T: Element>(x: &[T]) -> Data {
        T::data(vec![T::ONE; x.len()])
    }
    let view = call.view(0)?;
    Ok(value(view.shape.to_vec(), on!(view.data, x => ones(x))))
}

pub(crate) fn zeros_like(call: &Call) -> Outcome<Value> {
    fn none<T: Element>(x: &[T]) -> Data {
        T::data(vec![T::default(); x.len()])
    }
    let view = call.view(0)?;
    Ok(value(view.shape.to_vec(), on!(view.data, x => none(x))))
}

/// An empty list gives no rows, where the type says how a row looks.
pub(crate) fn stack(call: &Call) -> Outcome<Value> {
    let Type::Tensor(dtype, dims) = call.result else { return Err(call.wrong("the result is no tensor")) };
    match dtype {
        DType::Bool => stacked::<bool>(call, dims),
        DType::U8 => stacked::<u8>(call, dims),
        DType::I32 => stacked::<i32>(call, dims),
        DType::I64 => stacked::<i64>(call, dims),
        DType::F32 => stacked::<f32>(call, dims),
        DType::F64 => stacked::<f64>(call, dims),
    }
}

fn stacked<T: Element>(call: &Call, dims: &[mu_format::types::Dim]) -> Outcome<Value> {
    let list = call.list(0)?;
    let row: Vec<usize> = match list.first() {
        Some(first) => View::of(first).ok_or_else(|| call.wrong("an element is no tensor"))?.shape.to_vec(),
        None => call.fixed(dims.get(1..).unwrap_or_default())?,
    };
    let mut result: Vec<T> = Vec::with_capacity(list.len() * size(&row));
    for element in list.iter() {
        if let Some(x) = one::<T>(element) {
            result.push(x);
            continue;
        }
        let view = View::of(element).ok_or_else(|| call.wrong("an element is no tensor"))?;
        if view.shape != row {
            return Err(OpError::bad(format!("`stack`: elements of shape {row:?} and {:?} differ", view.shape)));
        }
        result.extend_from_slice(T::slice(view.data).ok_or_else(|| call.wrong("element types differ"))?);
    }
    Ok(tensor(&joined(list.len(), &row), result))
}
