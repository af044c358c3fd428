//! Rules for tensors as a whole.

use super::number::{FLOATS, NUMBERS};
use super::shape::{added, bound, exactly, most, one, same};
use super::{Rule, Typed};
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};

/// The most elements that a shape out of constants may have.
const MOST_ELEMENTS: u64 = 1 << 28;

/// Element type, first dimension, the others.
fn rows<'a>(rule: &Rule<'a>, i: usize, among: &[DType]) -> Result<(DType, Dim, &'a [Dim]), String> {
    let (dtype, dims) = rule.tensor(i, among)?;
    match dims.split_first() {
        Some((first, rest)) => Ok((dtype, *first, rest)),
        None => rule.wanted(i, "a tensor with dimensions"),
    }
}

/// Element type, all dimensions but the last, the last.
fn columns<'a>(rule: &Rule<'a>, i: usize) -> Result<(DType, &'a [Dim], Dim), String> {
    let (dtype, dims) = rule.tensor(i, &DType::ALL)?;
    match dims.split_last() {
        Some((last, rest)) => Ok((dtype, rest, *last)),
        None => rule.wanted(i, "a tensor with dimensions"),
    }
}

pub(super) fn batch(rule: &Rule) -> Typed {
    let (dtype, dims) = rule.tensor(0, &DType::ALL)?;
    Ok(Type::Tensor(dtype, [&[Dim::Is(1)], dims].concat()))
}

pub(super) fn first(rule: &Rule) -> Typed {
    let (dtype, count, rest) = rows(rule, 0, &DType::ALL)?;
    if count == Dim::Is(0) { Err("the first axis is empty".into()) } else { Ok(Type::Tensor(dtype, rest.to_vec())) }
}

pub(super) fn reshape(rule: &Rule) -> Typed {
    let (dtype, dims) = rule.tensor(0, &DType::ALL)?;
    let wanted = rule.dims(0)?;
    let known: Vec<Dim> = wanted.iter().filter_map(|d| u64::try_from(*d).ok().map(Dim::Is)).collect();
    let product = exactly(&known).ok_or("the shape is too large")?;
    let misfit = || "the elements do not fill the shape".to_string();
    let free = match wanted.len() - known.len() {
        0 => {
            if exactly(dims).is_some_and(|n| n != product) || most(dims).is_some_and(|n| n < product) {
                return Err(misfit());
            }
            Dim::Any
        }
        1 => match (exactly(dims), most(dims)) {
            _ if product == 0 => return Err(misfit()),
            (Some(n), _) if n % product != 0 => return Err(misfit()),
            (Some(n), _) => Dim::Is(n / product),
            (None, Some(n)) => Dim::UpTo(n / product),
            (None, None) => Dim::Any,
        },
        _ => return Err("more than one dimension is open".into()),
    };
    Ok(Type::Tensor(dtype, wanted.iter().map(|d| u64::try_from(*d).map_or(free, Dim::Is)).collect()))
}

fn of_one_type(a: DType, b: DType) -> Result<DType, String> {
    if a == b { Ok(a) } else { Err(format!("the element types {} and {} differ", a.name(), b.name())) }
}

pub(super) fn concat(rule: &Rule) -> Typed {
    let ((a, n, x), (b, m, y)) = (rows(rule, 0, &DType::ALL)?, rows(rule, 1, &DType::ALL)?);
    let mut dims = same(x, y)?;
    dims.insert(0, added(n, m));
    Ok(Type::Tensor(of_one_type(a, b)?, dims))
}

pub(super) fn concat_last(rule: &Rule) -> Typed {
    let ((a, x, n), (b, y, m)) = (columns(rule, 0)?, columns(rule, 1)?);
    let mut dims = same(x, y)?;
    dims.push(added(n, m));
    Ok(Type::Tensor(of_one_type(a, b)?, dims))
}

fn cut(rule: &Rule, there: Dim) -> Result<Dim, String> {
    let (from, to) = (rule.dim(0)?, rule.dim(1)?);
    if from > to || bound(there).is_some_and(|n| to > n) {
        return Err(format!("{from}..{to} does not lie within the axis"));
    }
    Ok(Dim::Is(to - from))
}

pub(super) fn slice(rule: &Rule) -> Typed {
    let (dtype, there, rest) = rows(rule, 0, &DType::ALL)?;
    Ok(Type::Tensor(dtype, [&[cut(rule, there)?], rest].concat()))
}

pub(super) fn slice_last(rule: &Rule) -> Typed {
    let (dtype, rest, there) = columns(rule, 0)?;
    Ok(Type::Tensor(dtype, [rest, &[cut(rule, there)?]].concat()))
}

pub(super) fn transpose(rule: &Rule) -> Typed {
    let (dtype, dims) = rule.tensor(0, &DType::ALL)?;
    let [rest @ .., rows, cols] = dims else { return rule.wanted(0, "a tensor of two dimensions or more") };
    Ok(Type::Tensor(dtype, [rest, &[*cols, *rows]].concat()))
}

pub(super) fn hwc(rule: &Rule) -> Typed {
    let (dtype, [c, h, w]) = rule.grid(0, &DType::ALL)?;
    Ok(Type::Tensor(dtype, vec![h, w, c]))
}

pub(super) fn chw(rule: &Rule) -> Typed {
    let (dtype, [h, w, c]) = rule.grid(0, &DType::ALL)?;
    Ok(Type::Tensor(dtype, vec![c, h, w]))
}

pub(super) fn flip(rule: &Rule) -> Typed {
    let (dtype, first, rest) = rows(rule, 0, &DType::ALL)?;
    Ok(Type::Tensor(dtype, [&[first], rest].concat()))
}

pub(super) fn zeros(rule: &Rule) -> Typed {
    let dims: Result<Vec<Dim>, _> = rule.dims(0)?.iter().map(|d| u64::try_from(*d).map(Dim::Is)).collect();
    let dims = dims.map_err(|_| "a dimension is below 0")?;
    match exactly(&dims) {
        Some(n) if n <= MOST_ELEMENTS => Ok(Type::Tensor(DType::F32, dims)),
        _ => Err(format!("the shape has more than {MOST_ELEMENTS} elements")),
    }
}

/// One number of the element type.
pub(super) fn single(rule: &Rule, among: &[DType]) -> Typed {
    rule.tensor(0, among).map(|(dtype, _)| Type::scalar(dtype))
}

pub(super) fn mean_first(rule: &Rule) -> Typed {
    let (dtype, _, rest) = rows(rule, 0, FLOATS)?;
    Ok(Type::Tensor(dtype, rest.to_vec()))
}

pub(super) fn argmax(rule: &Rule) -> Typed {
    rule.grid::<1>(0, NUMBERS).map(|_| Type::scalar(DType::I64))
}

pub(super) fn unit_length(rule: &Rule) -> Typed {
    let (dtype, [n]) = rule.grid(0, &[DType::F32])?;
    Ok(Type::Tensor(dtype, vec![n]))
}

/// One number out of two vectors.
pub(super) fn product(rule: &Rule) -> Typed {
    let ((_, [a]), (_, [b])) = (rule.grid(0, &[DType::F32])?, rule.grid(1, &[DType::F32])?);
    one(a, b).map(|_| Type::scalar(DType::F32))
}

pub(super) fn features(rule: &Rule) -> Typed {
    let Type::Record(fields) = rule.arg(0)? else { return rule.wanted(0, "a record") };
    match fields.iter().find(|(_, ty)| !matches!(ty, Type::Tensor(_, dims) if dims.is_empty())) {
        Some((name, _)) => Err(format!("the field `{name}` is no number")),
        None => Ok(Type::Tensor(DType::F32, vec![Dim::Is(fields.len() as u64)])),
    }
}

pub(super) fn elements(rule: &Rule) -> Typed {
    let (dtype, [n]) = rule.grid(0, &DType::ALL)?;
    let bound = bound(n).ok_or("a list needs a bound, and the vector has none")?;
    Ok(Type::List(Box::new(Type::scalar(dtype)), bound))
}

pub(super) fn stack(rule: &Rule) -> Typed {
    let (element, bound) = rule.list(0)?;
    let Type::Tensor(dtype, dims) = element else { return rule.wanted(0, "a list of tensors") };
    Ok(Type::Tensor(*dtype, [&[Dim::UpTo(bound)], dims.as_slice()].concat()))
}
