//! Texts. A character is a Unicode scalar value; positions and lengths count characters, never bytes.

mod hash;
mod spans;
mod tokens;

pub(crate) use hash::{hash_ngrams, hash_words};
pub(crate) use spans::agreeing;
pub(crate) use tokens::{read_tokenizer, tokenize};

use crate::call::{Call, list, option, whole};
use crate::error::Outcome;
use mu_format::value::Value;

/// No operation makes a longer text than this many bytes: `replace` in a loop would fill any memory.
const LONGEST: usize = 1 << 26;

fn text(call: &Call, text: &str) -> Outcome<Value> {
    within(call, text.len())?;
    Ok(Value::Text(text.into()))
}

fn within(call: &Call, bytes: usize) -> Outcome<()> {
    if bytes > LONGEST { Err(call.bad(&format!("a text of more than {LONGEST} bytes"))) } else { Ok(()) }
}

pub(crate) fn lower(call: &Call) -> Outcome<Value> {
    text(call, &call.text(0)?.to_lowercase())
}

pub(crate) fn upper(call: &Call) -> Outcome<Value> {
    text(call, &call.text(0)?.to_uppercase())
}

pub(crate) fn trim(call: &Call) -> Outcome<Value> {
    text(call, call.text(0)?.trim())
}

pub(crate) fn split(call: &Call) -> Outcome<Value> {
    let (whole, separator, at_most) = (call.text(0)?, call.text(1)?, call.dim(0)?);
    if separator.is_empty() {
        return Err(call.bad("the separator is empty"));
    }
    Ok(list(whole.splitn(at_most, separator).map(|part| Value::Text(part.into())).collect()))
}

pub(crate) fn join(call: &Call) -> Outcome<Value> {
    let parts: Option<Vec<&str>> = call
        .list(0)?
        .iter()
        .map(|part| if let Value::Text(part) = part { Some(part.as_ref()) } else { None })
        .collect();
    let parts = parts.ok_or_else(|| call.wrong("an element is no text"))?;
    let separator = call.text(1)?;
    let separators = separator.len().saturating_mul(parts.len().saturating_sub(1));
    within(call, parts.iter().fold(separators, |n, part| n.saturating_add(part.len())))?;
    text(call, &parts.join(separator))
}

/// The byte at which character `n` begins, or the end.
fn byte_of(text: &str, n: usize) -> usize {
    text.char_indices().nth(n).map_or(text.len(), |(at, _)| at)
}

pub(crate) fn head(call: &Call) -> Outcome<Value> {
    let whole = call.text(0)?;
    let n = usize::try_from(call.scalar::<i64>(1)?).unwrap_or(0);
    text(call, &whole[..byte_of(whole, n)])
}

pub(crate) fn length(call: &Call) -> Outcome<Value> {
    Ok(whole(call.text(0)?.chars().count()))
}

pub(crate) fn contains(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.text(0)?.contains(call.text(1)?)))
}

pub(crate) fn starts_with(call: &Call) -> Outcome<Value> {
    Ok(Value::Bool(call.text(0)?.starts_with(call.text(1)?)))
}

pub(crate) fn replace(call: &Call) -> Outcome<Value> {
    let (whole, part, with) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if part.is_empty() {
        return text(call, whole);
    }
    let times = whole.matches(part).count();
    within(call, (whole.len() - times * part.len()).saturating_add(times.saturating_mul(with.len())))?;
    text(call, &whole.replace(part, with))
}

pub(crate) fn parse_f64(call: &Call) -> Outcome<Value> {
    let number = call.text(0)?.parse::<f64>().ok().filter(|x| x.is_finite());
    Ok(option(number.map(Value::F64)))
}
