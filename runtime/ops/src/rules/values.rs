//! Rules for rankings, labels, options and lists.

use super::number::NUMBERS;
use super::shape::{join, one};
use super::{Rule, Typed};
use mu_format::ir::Attr;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};

fn record(fields: &[(&str, Type)]) -> Type {
    Type::Record(fields.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect())
}

fn scored(set: u32) -> Type {
    record(&[("label", Type::Label(set)), ("score", Type::scalar(DType::F32))])
}

fn ranking(rule: &Rule) -> Result<u32, String> {
    match rule.arg(0)? {
        Type::Ranking(set) => Ok(*set),
        _ => rule.wanted(0, "a ranking"),
    }
}

pub(super) fn rank(rule: &Rule) -> Typed {
    let (_, [n]) = rule.grid(0, &[DType::F32])?;
    if let [Attr::Classes(classes)] = rule.attrs {
        one(n, Dim::Is(classes.len() as u64))?;
        if classes.is_empty() {
            return Err("there are no classes".into());
        }
    }
    match rule.declared {
        Type::Ranking(_) => Ok(rule.declared.clone()),
        _ => Err(format!("it gives a ranking, not {}", rule.declared)),
    }
}

pub(super) fn top(rule: &Rule) -> Typed {
    ranking(rule).map(scored)
}

pub(super) fn top_k(rule: &Rule) -> Typed {
    Ok(Type::List(Box::new(scored(ranking(rule)?)), rule.dim(0)?))
}

pub(super) fn score(rule: &Rule) -> Typed {
    rule.is(1, &Type::Label(ranking(rule)?))?;
    Ok(Type::scalar(DType::F32))
}

pub(super) fn hit(rule: &Rule) -> Typed {
    score(rule)?;
    rule.scalar(2, DType::I64)?;
    Ok(Type::scalar(DType::Bool))
}

/// The label set stands in the declared type alone.
fn maybe_label(rule: &Rule) -> Typed {
    match rule.declared {
        Type::Option(inside) if matches!(**inside, Type::Label(_)) => Ok(rule.declared.clone()),
        _ => Err(format!("it gives an option of a label, not {}", rule.declared)),
    }
}

pub(super) fn class(rule: &Rule) -> Typed {
    rule.scalar(0, DType::I64)?;
    maybe_label(rule)
}

pub(super) fn parse_label(rule: &Rule) -> Typed {
    rule.is(0, &Type::Text)?;
    maybe_label(rule)
}

pub(super) fn label_text(rule: &Rule) -> Typed {
    if matches!(rule.arg(0)?, Type::Label(_)) { Ok(Type::Text) } else { rule.wanted(0, "a label") }
}

fn option<'a>(rule: &Rule<'a>) -> Result<&'a Type, String> {
    match rule.arg(0)? {
        Type::Option(inside) => Ok(inside),
        _ => rule.wanted(0, "an option"),
    }
}

pub(super) fn otherwise(rule: &Rule) -> Typed {
    let (inside, default) = (option(rule)?, rule.arg(1)?);
    join(inside, default).ok_or_else(|| format!("{} and {} differ", inside, default))
}

pub(super) fn is_some(rule: &Rule) -> Typed {
    option(rule).map(|_| Type::scalar(DType::Bool))
}

pub(super) fn count(rule: &Rule) -> Typed {
    rule.list(0).map(|_| Type::scalar(DType::I64))
}

pub(super) fn get(rule: &Rule) -> Typed {
    rule.scalar(1, DType::I64)?;
    Ok(Type::Option(Box::new(rule.list(0)?.0.clone())))
}

pub(super) fn take(rule: &Rule) -> Typed {
    let ((element, bound), k) = (rule.list(0)?, rule.dim(0)?);
    Ok(Type::List(Box::new(element.clone()), bound.min(k)))
}

pub(super) fn chain(rule: &Rule) -> Typed {
    let ((a, n), (b, m)) = (rule.list(0)?, rule.list(1)?);
    let element = join(a, b).ok_or_else(|| format!("{} and {} differ", a, b))?;
    Ok(Type::List(Box::new(element), n.checked_add(m).ok_or("the list is too long")?))
}

/// The bound of a list of scalars of this element type.
pub(super) fn scalars(rule: &Rule, i: usize, dtype: DType) -> Result<u64, String> {
    let (element, bound) = rule.list(i)?;
    if Type::scalar(dtype).accepts(element) {
        Ok(bound)
    } else {
        rule.wanted(i, &format!("a list of {}", dtype.name()))
    }
}

pub(super) fn largest(rule: &Rule) -> Typed {
    let bound = scalars(rule, 0, DType::F32)?;
    let found = record(&[("index", Type::scalar(DType::I64)), ("score", Type::scalar(DType::F32))]);
    Ok(Type::List(Box::new(found), bound.min(rule.dim(0)?)))
}

pub(super) fn total(rule: &Rule) -> Typed {
    let (element, _) = rule.list(0)?;
    match element {
        Type::Tensor(dtype, dims) if dims.is_empty() && NUMBERS.contains(dtype) => Ok(element.clone()),
        _ => rule.wanted(0, "a list of numbers"),
    }
}

pub(super) fn truths(rule: &Rule) -> Typed {
    scalars(rule, 0, DType::Bool).map(|_| Type::scalar(DType::Bool))
}
