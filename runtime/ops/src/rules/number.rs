//! Rules for what goes element by element.

use super::shape::{one, same};
use super::{Rule, Typed};
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};

pub(super) const NUMBERS: &[DType] = &[DType::U8, DType::I32, DType::I64, DType::F32, DType::F64];
pub(super) const FLOATS: &[DType] = &[DType::F32, DType::F64];
const SIGNED: &[DType] = &[DType::I32, DType::I64, DType::F32, DType::F64];

/// Two operands of one element type: one may be a scalar, else both have one shape.
fn joint(rule: &Rule, among: &[DType]) -> Result<(DType, Vec<Dim>), String> {
    let ((a, x), (b, y)) = (rule.tensor(0, among)?, rule.tensor(1, among)?);
    if a != b {
        return Err(format!("the element types {} and {} differ", a.name(), b.name()));
    }
    let dims = if x.is_empty() {
        y.to_vec()
    } else if y.is_empty() {
        x.to_vec()
    } else {
        same(x, y)?
    };
    Ok((a, dims))
}

pub(super) fn arithmetic(rule: &Rule) -> Typed {
    joint(rule, NUMBERS).map(|(dtype, dims)| Type::Tensor(dtype, dims))
}

pub(super) fn order(rule: &Rule) -> Typed {
    if rule.args.iter().all(|ty| **ty == Type::Text) {
        return Ok(Type::scalar(DType::Bool));
    }
    joint(rule, NUMBERS).map(|(_, dims)| Type::Tensor(DType::Bool, dims))
}

pub(super) fn equality(rule: &Rule) -> Typed {
    let (a, b) = (rule.arg(0)?, rule.arg(1)?);
    if super::shape::join(a, b).is_none() {
        return Err(format!("{} and {} cannot be equal", a, b));
    }
    Ok(Type::scalar(DType::Bool))
}

pub(super) fn logic(rule: &Rule) -> Typed {
    joint(rule, &[DType::Bool]).map(|(dtype, dims)| Type::Tensor(dtype, dims))
}

pub(super) fn not(rule: &Rule) -> Typed {
    kept(rule, &[DType::Bool])
}

pub(super) fn signed(rule: &Rule) -> Typed {
    kept(rule, SIGNED)
}

/// The type of the first argument, whose element type is one of these.
pub(super) fn kept(rule: &Rule, among: &[DType]) -> Typed {
    let (dtype, dims) = rule.tensor(0, among)?;
    Ok(Type::Tensor(dtype, dims.to_vec()))
}

pub(super) fn converted(rule: &Rule, to: DType) -> Typed {
    let (_, dims) = rule.tensor(0, &DType::ALL)?;
    Ok(Type::Tensor(to, dims.to_vec()))
}

pub(super) fn clamp(rule: &Rule) -> Typed {
    let (dtype, dims) = rule.tensor(0, NUMBERS)?;
    rule.scalar(1, dtype)?;
    rule.scalar(2, dtype)?;
    Ok(Type::Tensor(dtype, dims.to_vec()))
}

pub(super) fn scale(rule: &Rule) -> Typed {
    rule.scalar(1, DType::F32)?;
    converted(rule, DType::F32)
}

pub(super) fn normalize(rule: &Rule) -> Typed {
    let (_, dims) = rule.tensor(0, &DType::ALL)?;
    let Some((channels, rest)) = dims.split_first() else { return rule.wanted(0, "a tensor with dimensions") };
    let (_, [means]) = rule.grid(1, &[DType::F32])?;
    let (_, [deviations]) = rule.grid(2, &[DType::F32])?;
    let channels = one(one(*channels, means)?, deviations)?;
    Ok(Type::Tensor(DType::F32, [&[channels], rest].concat()))
}

pub(super) fn finite(rule: &Rule) -> Typed {
    let ty = rule.arg(0)?;
    if FLOATS.iter().any(|dtype| Type::scalar(*dtype).accepts(ty)) {
        Ok(Type::Option(Box::new(ty.clone())))
    } else {
        rule.wanted(0, "f32 or f64")
    }
}
