//! Rules for pictures, texts and sounds.

use super::shape::bound;
use super::values::scalars;
use super::{Rule, Typed};
use mu_format::ir::Attr;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};

fn i64_scalar() -> Type {
    Type::scalar(DType::I64)
}

// ---- pictures

/// `Box` of `stdlib/vision.mu`.
fn area() -> Type {
    let field = |name: &str| (name.to_string(), Type::scalar(DType::F32));
    Type::Record(["left", "top", "width", "height", "score"].map(field).to_vec())
}

pub(super) fn decoded(rule: &Rule, channels: u64) -> Typed {
    rule.is(0, &Type::Image)?;
    Ok(Type::Tensor(DType::U8, vec![Dim::Is(channels), Dim::Any, Dim::Any]))
}

/// The channels of a decoded picture.
fn channels(rule: &Rule) -> Result<Dim, String> {
    rule.grid::<3>(0, &[DType::U8]).map(|(_, [channels, _, _])| channels)
}

pub(super) fn resize(rule: &Rule) -> Typed {
    if let Some(Attr::Text(filter)) = rule.attrs.get(2)
        && !["nearest", "bilinear", "bicubic"].contains(&filter.as_str())
    {
        return Err(format!("there is no filter `{filter}`"));
    }
    resize_pad(rule)
}

pub(super) fn resize_pad(rule: &Rule) -> Typed {
    Ok(Type::Tensor(DType::U8, vec![channels(rule)?, Dim::Is(rule.some(0)?), Dim::Is(rule.some(1)?)]))
}

pub(super) fn fit(rule: &Rule) -> Typed {
    let (longest, multiple) = (rule.some(0)?, rule.some(1)?);
    if multiple > longest {
        return Err(format!("no multiple of {multiple} is at most {longest}"));
    }
    Ok(Type::Tensor(DType::U8, vec![channels(rule)?, Dim::UpTo(longest), Dim::UpTo(longest)]))
}

pub(super) fn center_crop(rule: &Rule) -> Typed {
    let (_, [channels, height, width]) = rule.grid(0, &[DType::U8])?;
    let sides = [bound(height), bound(width)].into_iter().flatten().min();
    let side = sides.map_or(Dim::Any, Dim::UpTo);
    match rule.attrs {
        [Attr::Float(part)] if *part > 0.0 && *part <= 1.0 => Ok(Type::Tensor(DType::U8, vec![channels, side, side])),
        _ => Err("the part does not lie between 0 and 1".into()),
    }
}

pub(super) fn crop(rule: &Rule) -> Typed {
    rule.is(0, &Type::Image)?;
    rule.is(1, &area())?;
    Ok(Type::Image)
}

pub(super) fn side(rule: &Rule) -> Typed {
    rule.is(0, &Type::Image)?;
    Ok(i64_scalar())
}

pub(super) fn non_maximum_suppression(rule: &Rule) -> Typed {
    let (element, bound) = rule.list(0)?;
    rule.scalar(1, DType::F32)?;
    if area().accepts(element) { Ok(Type::List(Box::new(area()), bound)) } else { rule.wanted(0, "a list of boxes") }
}

pub(super) fn regions(rule: &Rule) -> Typed {
    rule.grid::<2>(0, &[DType::F32])?;
    rule.scalar(1, DType::F32)?;
    rule.scalar(2, DType::I64)?;
    rule.scalar(3, DType::F32)?;
    Ok(Type::List(Box::new(area()), rule.dim(0)?))
}

/// The label set of a list of records that begin with a label and go on with these types.
fn labelled(rule: &Rule, i: usize, rest: &[Type], what: &str) -> Result<u32, String> {
    if let (Type::Record(fields), _) = rule.list(i)?
        && let Some(((_, Type::Label(set)), others)) = fields.split_first()
        && others.len() == rest.len()
        && others.iter().zip(rest).all(|((_, ty), wanted)| wanted.accepts(ty))
    {
        return Ok(*set);
    }
    rule.wanted(i, what)
}

fn detections(rule: &Rule, i: usize) -> Result<u32, String> {
    labelled(rule, i, &[area()], "a list of detections")
}

/// Labels of two sets have nothing to do with each other.
fn of_one_set(a: u32, b: u32) -> Typed {
    if a == b { Ok(i64_scalar()) } else { Err("the two lists have different label sets".into()) }
}

pub(super) fn matched(rule: &Rule) -> Typed {
    rule.scalar(2, DType::F32)?;
    of_one_set(detections(rule, 0)?, detections(rule, 1)?)
}

pub(super) fn found(rule: &Rule) -> Typed {
    detections(rule, 0).map(|_| i64_scalar())
}

// ---- texts

/// The first `count` arguments are texts.
pub(super) fn texts(rule: &Rule, count: usize, result: Type) -> Typed {
    (0..count).try_for_each(|i| rule.is(i, &Type::Text))?;
    Ok(result)
}

pub(super) fn split(rule: &Rule) -> Typed {
    texts(rule, 2, Type::List(Box::new(Type::Text), rule.some(0)?))
}

pub(super) fn join(rule: &Rule) -> Typed {
    rule.is(1, &Type::Text)?;
    if rule.list(0)?.0 == &Type::Text { Ok(Type::Text) } else { rule.wanted(0, "a list of texts") }
}

pub(super) fn head(rule: &Rule) -> Typed {
    rule.scalar(1, DType::I64)?;
    texts(rule, 1, Type::Text)
}

fn ids(dim: Dim) -> Type {
    Type::Tensor(DType::I64, vec![dim])
}

fn buckets(rule: &Rule, k: usize) -> Result<(), String> {
    if rule.some(k)? > u64::from(u32::MAX) { Err("there are more than 2^32 buckets".into()) } else { Ok(()) }
}

pub(super) fn hash_words(rule: &Rule) -> Typed {
    buckets(rule, 1)?;
    texts(rule, 1, ids(Dim::Is(rule.dim(0)?)))
}

pub(super) fn hash_ngrams(rule: &Rule) -> Typed {
    buckets(rule, 3)?;
    if rule.some(0)? > rule.dim(1)? {
        return Err("the shortest run is longer than the longest".into());
    }
    texts(rule, 1, ids(Dim::Is(rule.dim(2)?)))
}

pub(super) fn tokenize(rule: &Rule) -> Typed {
    texts(rule, 1, ids(Dim::UpTo(rule.dim(1)?)))
}

fn spans(rule: &Rule, i: usize) -> Result<u32, String> {
    let rest = [Type::scalar(DType::F32), i64_scalar(), i64_scalar()];
    labelled(rule, i, &rest, "a list of entities")
}

pub(super) fn agreeing(rule: &Rule) -> Typed {
    of_one_set(spans(rule, 0)?, spans(rule, 1)?)
}

pub(super) fn entities(rule: &Rule) -> Typed {
    spans(rule, 0).map(|_| i64_scalar())
}

// ---- sounds

pub(super) fn resample(rule: &Rule) -> Typed {
    rule.is(0, &Type::Audio)?;
    match rule.dim(0)? {
        1_000..=768_000 => Ok(Type::Audio),
        rate => Err(format!("a rate of {rate} does not lie between 1,000 and 768,000")),
    }
}

pub(super) fn frames(rule: &Rule) -> Typed {
    rule.is(0, &Type::Audio)?;
    let frame = Type::Tensor(DType::F32, vec![Dim::Is(rule.some(0)?)]);
    Ok(Type::List(Box::new(frame), rule.dim(1)?))
}

pub(super) fn duration(rule: &Rule) -> Typed {
    rule.is(0, &Type::Audio)?;
    Ok(Type::scalar(DType::F64))
}

pub(super) fn frame_pairs(rule: &Rule) -> Typed {
    scalars(rule, 0, DType::F32)?;
    scalars(rule, 1, DType::Bool)?;
    rule.scalar(2, DType::F32)?;
    Ok(i64_scalar())
}
