//! From JSON to values.

use super::{JsonError, Trace, fail};
use crate::tensor::{DType, Data, Tensor};
use crate::types::{Dim, Type};
use crate::value::{Audio, Image, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// The value of the type that the JSON says. `root` is what the paths in errors start with, as `$` or `$.image`.
pub fn from_json(json: &Json, ty: &Type, labels: &[Vec<String>], root: &str) -> Result<Value, JsonError> {
    From { labels }.value(json, ty).map_err(|trace| trace.finish(root))
}

struct From<'a> {
    labels: &'a [Vec<String>],
}

/// What a JSON value is, for messages.
fn found(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

fn expected<T>(what: &str, json: &Json) -> Result<T, Trace> {
    fail(format!("expected {what}, found {}", found(json)))
}

impl From<'_> {
    fn value(&self, json: &Json, ty: &Type) -> Result<Value, Trace> {
        Ok(match ty {
            Type::Tensor(dtype, dims) => tensor(json, *dtype, dims)?,
            Type::Text => Value::Text(text(json, "a string")?.into()),
            Type::Bytes => Value::Bytes(Arc::new(base64(json)?)),
            Type::Image => Value::Image(Image::Encoded(Arc::new(base64(json)?))),
            Type::Audio => Value::Audio(Audio::Encoded(Arc::new(base64(json)?))),
            Type::Label(set) => Value::Label(self.label(*set, json)?),
            Type::Ranking(set) => self.ranking(*set, json)?,
            Type::Option(_) if json.is_null() => Value::Option(None),
            Type::Option(inner) => Value::Option(Some(Arc::new(self.value(json, inner)?))),
            Type::Result(inner) => self.result(inner, json)?,
            Type::List(element, bound) => {
                let items = array(json)?;
                if items.len() as u64 > *bound {
                    return fail(format!("{} elements where at most {bound} are allowed", items.len()));
                }
                let items = items.iter().enumerate();
                let items = items.map(|(i, item)| self.value(item, element).map_err(|t| t.index(i)));
                Value::List(Arc::new(items.collect::<Result<_, _>>()?))
            }
            Type::Record(fields) => {
                let object = object(json)?;
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                only(object, &names)?;
                let values = fields.iter().map(|(name, ty)| match object.get(name) {
                    Some(json) => self.value(json, ty).map_err(|t| t.field(name)),
                    None if matches!(ty, Type::Option(_)) => Ok(Value::Option(None)),
                    None => fail("the field is missing").map_err(|t: Trace| t.field(name)),
                });
                Value::Record(Arc::new(values.collect::<Result<_, _>>()?))
            }
        })
    }

    fn label(&self, set: u32, json: &Json) -> Result<u32, Trace> {
        let labels = self.labels.get(set as usize).map(Vec::as_slice).unwrap_or_default();
        let text = text(json, "a label as a string")?;
        let place = labels.iter().position(|label| label == text).and_then(|place| u32::try_from(place).ok());
        place.map_or_else(|| fail(format!("{} is none of the labels {}", Json::from(text), some_of(labels))), Ok)
    }

    fn ranking(&self, set: u32, json: &Json) -> Result<Value, Trace> {
        let mut ranking = Vec::new();
        for (i, place) in array(json)?.iter().enumerate() {
            let place = object(place).and_then(|place| {
                only(place, &["label", "score"])?;
                let label = self.label(set, place.get("label").unwrap_or(&Json::Null)).map_err(|t| t.field("label"))?;
                let score = f32(place.get("score").unwrap_or(&Json::Null)).map_err(|t| t.field("score"))?;
                Ok((label, score))
            });
            ranking.push(place.map_err(|t| t.index(i))?);
        }
        if ranking.windows(2).any(|pair| matches!(pair, [(_, a), (_, b)] if a < b)) {
            return fail("a ranking stands best first");
        }
        let mut seen: Vec<u32> = ranking.iter().map(|(label, _)| *label).collect();
        seen.sort_unstable();
        seen.dedup();
        let count = self.labels.get(set as usize).map_or(0, Vec::len);
        if seen.len() != ranking.len() || seen.len() != count {
            return fail(format!("a ranking holds each of the {count} labels once"));
        }
        Ok(Value::Ranking(Arc::new(ranking)))
    }

    fn result(&self, inner: &Type, json: &Json) -> Result<Value, Trace> {
        let object = object(json)?;
        only(object, &["ok", "error"])?;
        match (object.get("ok"), object.get("error")) {
            (Some(json), None) => Ok(Value::Result(Ok(Arc::new(self.value(json, inner).map_err(|t| t.field("ok"))?)))),
            (None, Some(json)) => Ok(Value::Result(Err(text(json, "a string").map_err(|t| t.field("error"))?.into()))),
            _ => fail("a result has either `ok` or `error`"),
        }
    }
}

fn array(json: &Json) -> Result<&Vec<Json>, Trace> {
    json.as_array().map_or_else(|| expected("a list", json), Ok)
}

fn object(json: &Json) -> Result<&Map<String, Json>, Trace> {
    json.as_object().map_or_else(|| expected("an object", json), Ok)
}

fn text<'a>(json: &'a Json, what: &str) -> Result<&'a str, Trace> {
    json.as_str().map_or_else(|| expected(what, json), Ok)
}

fn base64(json: &Json) -> Result<Vec<u8>, Trace> {
    STANDARD.decode(text(json, "a string of base64")?).or_else(|e| fail(format!("no base64: {e}")))
}

/// An error at the first field that has no business here.
fn only(object: &Map<String, Json>, names: &[&str]) -> Result<(), Trace> {
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => {
            fail(format!("there is no such field, only {}", names.join(", "))).map_err(|t: Trace| t.field(key))
        }
        None => Ok(()),
    }
}

/// The first few labels of a set.
fn some_of(labels: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = labels.iter().take(SHOWN).map(|label| Json::from(label.as_str()).to_string()).collect::<Vec<_>>();
    let more = labels.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn bool(json: &Json) -> Result<bool, Trace> {
    json.as_bool().map_or_else(|| expected("a bool", json), Ok)
}

fn integer<T: TryFrom<i64>>(json: &Json) -> Result<T, Trace> {
    let Json::Number(number) = json else { return expected("a whole number", json) };
    let Some(value) = number.as_i64() else {
        let why = if number.is_f64() { "is not a whole number" } else { "is out of range" };
        return fail(format!("{number} {why}"));
    };
    T::try_from(value).or_else(|_| fail(format!("{number} is out of range")))
}

fn f64(json: &Json) -> Result<f64, Trace> {
    let Json::Number(number) = json else { return expected("a number", json) };
    number.as_f64().filter(|x| x.is_finite()).map_or_else(|| fail(format!("{number} is out of range")), Ok)
}

fn f32(json: &Json) -> Result<f32, Trace> {
    let x = f64(json)? as f32;
    if x.is_finite() { Ok(x) } else { fail(format!("{json} is out of range for an f32")) }
}

fn tensor(json: &Json, dtype: DType, dims: &[Dim]) -> Result<Value, Trace> {
    if dims.is_empty() {
        match dtype {
            DType::Bool => return Ok(Value::Bool(bool(json)?)),
            DType::I64 => return Ok(Value::I64(integer(json)?)),
            DType::F32 => return Ok(Value::F32(f32(json)?)),
            DType::F64 => return Ok(Value::F64(f64(json)?)),
            DType::U8 | DType::I32 => {}
        }
    }
    let shape = shape(json, dims)?;
    let data = match dtype {
        DType::Bool => Data::Bool(flat(json, &shape, &bool)?),
        DType::U8 => Data::U8(flat(json, &shape, &integer)?),
        DType::I32 => Data::I32(flat(json, &shape, &integer)?),
        DType::I64 => Data::I64(flat(json, &shape, &integer)?),
        DType::F32 => Data::F32(flat(json, &shape, &f32)?),
        DType::F64 => Data::F64(flat(json, &shape, &f64)?),
    };
    Ok(Value::Tensor(Arc::new(Tensor { shape, data })))
}

/// The shape, read off the first row of each level and held against the type.
fn shape(json: &Json, dims: &[Dim]) -> Result<Vec<usize>, Trace> {
    let mut shape = Vec::with_capacity(dims.len());
    let mut at = Some(json);
    for dim in dims {
        // Below an empty list the dimensions are free, as far as the type leaves them so.
        let count = match (at, dim) {
            (Some(json), _) => array(json).map_err(|t| shape.iter().fold(t, |t, _| t.index(0)))?.len(),
            (None, Dim::Is(n)) => usize::try_from(*n).unwrap_or(usize::MAX),
            (None, _) => 0,
        };
        if !dim.holds(count as u64) {
            let trace = fail(format!("{count} elements where the type has {dim}"));
            return trace.map_err(|t: Trace| shape.iter().fold(t, |t, _| t.index(0)));
        }
        at = at.and_then(|json| json.get(0));
        shape.push(count);
    }
    Ok(shape)
}

fn flat<T>(json: &Json, shape: &[usize], element: &dyn Fn(&Json) -> Result<T, Trace>) -> Result<Vec<T>, Trace> {
    let mut out = Vec::new();
    rows(json, shape, element, &mut out)?;
    Ok(out)
}

fn rows<T>(
    json: &Json,
    shape: &[usize],
    element: &dyn Fn(&Json) -> Result<T, Trace>,
    out: &mut Vec<T>,
) -> Result<(), Trace> {
    let Some((count, inner)) = shape.split_first() else {
        out.push(element(json)?);
        return Ok(());
    };
    let items = array(json)?;
    if items.len() != *count {
        return fail(format!("{} elements where the rows before have {count}", items.len()));
    }
    items.iter().enumerate().try_for_each(|(i, item)| rows(item, inner, element, out).map_err(|t| t.index(i)))
}
