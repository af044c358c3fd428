//! From values to JSON.

use super::{JsonError, Trace, fail};
use crate::tensor::{Data, Tensor};
use crate::types::Type;
use crate::value::{Audio, Image, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

/// The JSON of a value of the type. NaN and infinite numbers are errors that say where they stand, and so are pictures and
/// sounds that are decoded: turn them into files before.
pub fn to_json(value: &Value, ty: &Type, labels: &[Vec<String>]) -> Result<Json, JsonError> {
    To { labels }.value(value, ty).map_err(|trace| trace.finish("$"))
}

struct To<'a> {
    labels: &'a [Vec<String>],
}

impl To<'_> {
    fn value(&self, value: &Value, ty: &Type) -> Result<Json, Trace> {
        Ok(match (value, ty) {
            (Value::Bool(b), _) => Json::from(*b),
            (Value::I64(n), _) => Json::from(*n),
            (Value::F32(x), _) => f32_json(*x)?,
            (Value::F64(x), _) => f64_json(*x)?,
            (Value::Tensor(tensor), _) => tensor_json(tensor)?,
            (Value::Text(text), _) => Json::from(&**text),
            (Value::Bytes(bytes), _) => base64(bytes),
            (Value::Image(Image::Encoded(bytes)), _) | (Value::Audio(Audio::Encoded(bytes)), _) => base64(bytes),
            (Value::Image(_), _) => return fail("a decoded picture has no JSON form"),
            (Value::Audio(_), _) => return fail("decoded sound has no JSON form"),
            (Value::Label(label), Type::Label(set)) => self.label(*set, *label)?,
            (Value::Ranking(ranking), Type::Ranking(set)) => {
                let places = ranking.iter().enumerate().map(|(i, (label, score))| {
                    let label = self.label(*set, *label).map_err(|t| t.field("label").index(i))?;
                    let score = f32_json(*score).map_err(|t| t.field("score").index(i))?;
                    Ok(json!({"label": label, "score": score}))
                });
                Json::Array(places.collect::<Result<_, _>>()?)
            }
            (Value::Option(None), _) => Json::Null,
            (Value::Option(Some(value)), Type::Option(inner)) => self.value(value, inner)?,
            (Value::Result(Ok(value)), Type::Result(inner)) => {
                json!({"ok": self.value(value, inner).map_err(|t| t.field("ok"))?})
            }
            (Value::Result(Err(error)), _) => json!({"error": &**error}),
            (Value::List(values), Type::List(element, _)) => {
                let items = values.iter().enumerate();
                let items = items.map(|(i, value)| self.value(value, element).map_err(|t| t.index(i)));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            (Value::Record(values), Type::Record(fields)) if values.len() == fields.len() => {
                let mut object = Map::new();
                for (value, (name, ty)) in values.iter().zip(fields) {
                    object.insert(name.clone(), self.value(value, ty).map_err(|t| t.field(name))?);
                }
                Json::Object(object)
            }
            _ => return fail(format!("a value of another kind is no {ty}")),
        })
    }

    fn label(&self, set: u32, label: u32) -> Result<Json, Trace> {
        let label = self.labels.get(set as usize).and_then(|labels| labels.get(label as usize));
        label.map_or_else(|| fail("a label that is not in its set"), |label| Ok(Json::from(label.as_str())))
    }
}

fn base64(bytes: &[u8]) -> Json {
    Json::from(STANDARD.encode(bytes))
}

/// The shortest decimal that gives the same f32: `0.1`, not `0.10000000149011612`.
fn f32_json(x: f32) -> Result<Json, Trace> {
    f64_json(x.to_string().parse().unwrap_or(f64::from(x)))
}

fn f64_json(x: f64) -> Result<Json, Trace> {
    match serde_json::Number::from_f64(x) {
        Some(number) => Ok(Json::Number(number)),
        None if x.is_nan() => fail("the number is NaN, which JSON cannot say; guard it with `finite`"),
        None => fail("the number is infinite, which JSON cannot say; guard it with `finite`"),
    }
}

fn tensor_json(tensor: &Tensor) -> Result<Json, Trace> {
    match &tensor.data {
        Data::Bool(v) => nested(&tensor.shape, v, &|x| Ok(Json::from(*x))),
        Data::U8(v) => nested(&tensor.shape, v, &|x| Ok(Json::from(*x))),
        Data::I32(v) => nested(&tensor.shape, v, &|x| Ok(Json::from(*x))),
        Data::I64(v) => nested(&tensor.shape, v, &|x| Ok(Json::from(*x))),
        Data::F32(v) => nested(&tensor.shape, v, &|x| f32_json(*x)),
        Data::F64(v) => nested(&tensor.shape, v, &|x| f64_json(*x)),
    }
}

fn nested<T>(shape: &[usize], data: &[T], element: &impl Fn(&T) -> Result<Json, Trace>) -> Result<Json, Trace> {
    let Some((count, inner)) = shape.split_first() else {
        return data.first().map_or_else(|| fail("a scalar without its element"), element);
    };
    let stride: usize = inner.iter().product();
    let rows = (0..*count).map(|i| {
        let row = data.get(i * stride..(i + 1) * stride).unwrap_or_default();
        nested(inner, row, element).map_err(|t| t.index(i))
    });
    Ok(Json::Array(rows.collect::<Result<_, _>>()?))
}
