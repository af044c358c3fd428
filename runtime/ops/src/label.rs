//! Labels, rankings and options.

use crate::call::{Call, list, option, record};
use crate::context::Context;
use crate::error::Outcome;
use mu_format::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// Larger first; NaN after all numbers.
pub(crate) fn best_first(a: f32, b: f32) -> Ordering {
    b.partial_cmp(&a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

pub(crate) fn rank(call: &Call, cx: &Context) -> Outcome<Value> {
    let classes = call.classes(0)?;
    let ([n], scores) = call.grid::<f32, 1>(0)?;
    if n != classes.len() {
        return Err(call.bad(&format!("{n} scores for {} classes", classes.len())));
    }
    let labels = cx.labels(call.label_set(call.result)?)?.len();
    if classes.iter().any(|class| *class as usize >= labels) {
        return Err(call.wrong("a class is not in the label set"));
    }
    let mut ranking: Vec<(u32, f32)> = classes.iter().copied().zip(scores.iter().copied()).collect();
    // The sort is stable: equal scores stay in the order of the card's classes.
    ranking.sort_by(|a, b| best_first(a.1, b.1));
    Ok(Value::Ranking(Arc::new(ranking)))
}

fn scored((label, score): (u32, f32)) -> Value {
    record(vec![Value::Label(label), Value::F32(score)])
}

pub(crate) fn top(call: &Call) -> Outcome<Value> {
    let best = call.ranking(0)?.first().ok_or_else(|| call.wrong("the ranking is empty"))?;
    Ok(scored(*best))
}

pub(crate) fn top_k(call: &Call) -> Outcome<Value> {
    Ok(list(call.ranking(0)?.iter().take(call.dim(0)?).copied().map(scored).collect()))
}

pub(crate) fn score(call: &Call) -> Outcome<Value> {
    let label = call.label(1)?;
    let found = call.ranking(0)?.iter().find(|(l, _)| *l == label);
    found.map(|(_, score)| Value::F32(*score)).ok_or_else(|| call.wrong("the ranking lacks the label"))
}

pub(crate) fn hit(call: &Call) -> Outcome<Value> {
    let (truth, k) = (call.label(1)?, usize::try_from(call.scalar::<i64>(2)?).unwrap_or(0));
    Ok(Value::Bool(call.ranking(0)?.iter().take(k).any(|(label, _)| *label == truth)))
}

pub(crate) fn class(call: &Call) -> Outcome<Value> {
    let index = usize::try_from(call.scalar::<i64>(0)?).ok();
    let label = index.and_then(|i| call.classes(0).ok()?.get(i));
    Ok(option(label.map(|label| Value::Label(*label))))
}

pub(crate) fn parse_label(call: &Call, cx: &Context) -> Outcome<Value> {
    let text = call.text(0)?;
    let place = cx.labels(call.label_set(call.result)?)?.iter().position(|label| label == text);
    Ok(option(place.and_then(|i| u32::try_from(i).ok()).map(Value::Label)))
}

pub(crate) fn label_text(call: &Call, cx: &Context) -> Outcome<Value> {
    let label = call.label(0)? as usize;
    let text = cx.labels(call.label_set(call.ty(0)?)?)?.get(label);
    text.map(|text| Value::Text(text.as_str().into())).ok_or_else(|| call.wrong("the label is not in its set"))
}

pub(crate) fn otherwise(call: &Call) -> Outcome<Value> {
    match call.option(0)? {
        Some(inside) => Ok(inside.as_ref().clone()),
        None => Ok(call.arg(1)?.clone()),
    }
}

pub(crate) fn is_some(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.option(0)?.is_some()))
}
