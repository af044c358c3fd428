//! The arguments of an entry, from the command line, from a JSON object or from one body.

use crate::ir::{Entry, Param};
use crate::json;
use crate::npy;
use crate::types::Type;
use crate::value::{Audio, Image, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

fn wrong<T>(message: impl Into<String>) -> Result<T, String> {
    Err(message.into())
}

/// The arguments of `entry` in order, from `NAME=VALUE` and `NAME=@FILE`.
///
/// How a file is read goes by the parameter's type: pictures, sounds and bytes as they are, text as UTF-8, tensors from `.npy` or
/// JSON, all else JSON. A plain value is taken literally for a text, as a label's spelling for a label, and as JSON for others.
/// An option may be left out.
pub fn from_command_line(
    entry: &Entry,
    labels: &[Vec<String>],
    inputs: &[String],
    read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<Vec<Value>, String> {
    let mut values = vec![None; entry.params.len()];
    for input in inputs {
        let Some((name, value)) = input.split_once('=') else {
            return wrong(format!("`{input}` is not of the form NAME=VALUE or NAME=@FILE"));
        };
        let Some(place) = entry.params.iter().position(|param| param.name == name) else {
            return wrong(format!("`{}` has no input `{name}`, only {}", entry.name, names(&entry.params)));
        };
        let (Some(param), Some(slot)) = (entry.params.get(place), values.get_mut(place)) else { continue };
        if slot.is_some() {
            return wrong(format!("the input `{name}` is given twice"));
        }
        *slot = Some(match value.strip_prefix('@') {
            Some(file) => {
                let bytes = read(file).map_err(|e| format!("{file}: {e}"))?;
                from_bytes(bytes, &param.ty, labels, &format!("$.{name}")).map_err(|e| format!("{file}: {e}"))?
            }
            None => from_text(value, param, labels)?,
        });
    }
    let values = entry.params.iter().zip(values).map(|(Param { name, ty }, value)| {
        value.or_else(|| left_out(ty)).ok_or_else(|| {
            format!(
                "the input `{name}` of `{}` is missing: give --input {name}=VALUE or --input {name}=@FILE ({})",
                entry.name,
                describe(ty, labels),
            )
        })
    });
    values.collect()
}

/// What an input is that nobody gave.
fn left_out(ty: &Type) -> Option<Value> {
    matches!(ty, Type::Option(_)).then_some(Value::Option(None))
}

/// The arguments of `entry` in order, from an object with one field for each; an option may be left out.
pub fn from_object(entry: &Entry, labels: &[Vec<String>], object: &Map<String, Json>) -> Result<Vec<Value>, String> {
    if let Some(name) = object.keys().find(|key| !entry.params.iter().any(|p| p.name == **key)) {
        return wrong(format!("$.{name}: `{}` has no such input, only {}", entry.name, names(&entry.params)));
    }
    let values = entry.params.iter().map(|Param { name, ty }| match object.get(name) {
        Some(json) => json::from_json(json, ty, labels, &format!("$.{name}")).map_err(|e| e.to_string()),
        None => left_out(ty).ok_or_else(|| format!("$.{name}: the input is missing ({})", describe(ty, labels))),
    });
    values.collect()
}

/// A value from the bytes of a file; how they are read goes by the type.
pub fn from_bytes(bytes: Vec<u8>, ty: &Type, labels: &[Vec<String>], root: &str) -> Result<Value, String> {
    match ty {
        Type::Image => Ok(Value::Image(Image::Encoded(Arc::new(bytes)))),
        Type::Audio => Ok(Value::Audio(Audio::Encoded(Arc::new(bytes)))),
        Type::Bytes => Ok(Value::Bytes(Arc::new(bytes))),
        Type::Text => String::from_utf8(bytes).map(|text| Value::Text(text.into())).map_err(|_| "no UTF-8 text".into()),
        Type::Tensor(..) if npy::is_npy(&bytes) => {
            let tensor = npy::read(&bytes)?;
            let found = format!("{}{:?}", tensor.dtype().name(), tensor.shape);
            let value = Value::from_tensor(Arc::new(tensor));
            value.is_a(ty).map_err(|_| format!("the array is a {found}, a {ty} is needed"))?;
            Ok(value)
        }
        _ => {
            let json = serde_json::from_slice(&bytes).map_err(|e| format!("no JSON: {e}"))?;
            json::from_json(&json, ty, labels, root).map_err(|e| e.to_string())
        }
    }
}

/// A value from what stands after `=` on the command line or in a query.
pub fn from_text(text: &str, Param { name, ty }: &Param, labels: &[Vec<String>]) -> Result<Value, String> {
    let needed = || format!("{} is needed", describe(ty, labels));
    let json = match ty {
        Type::Text => return Ok(Value::Text(text.into())),
        _ if text.is_empty() => return wrong(format!("the input `{name}` is empty; {}", needed())),
        Type::Label(_) if !text.starts_with('"') => Json::from(text),
        Type::Image | Type::Audio | Type::Bytes if !text.starts_with('"') => {
            return wrong(format!("`{text}` is no file's content; did you mean `{name}=@{text}`? {}", needed()));
        }
        _ => serde_json::from_str(text).map_err(|e| format!("$.{name}: {e}; {}", needed()))?,
    };
    json::from_json(&json, ty, labels, &format!("$.{name}")).map_err(|e| e.to_string())
}

fn names(params: &[Param]) -> String {
    match params {
        [] => "none at all".to_string(),
        _ => params.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", "),
    }
}

/// What a caller gives for a type, in words.
pub fn describe(ty: &Type, labels: &[Vec<String>]) -> String {
    match ty {
        Type::Image => "an image: a PNG or JPEG file".to_string(),
        Type::Audio => "a sound: a WAV file".to_string(),
        Type::Text => "a text".to_string(),
        Type::Bytes => "bytes".to_string(),
        Type::Label(set) => format!("a label: {}", one_of(*set, labels, "or ")),
        Type::Option(inner) => format!("{}, or null", describe(inner, labels)),
        Type::Record(fields) => {
            let fields = fields.iter().map(|(name, ty)| format!("\"{name}\": {}", describe(ty, labels)));
            format!("an object {{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        _ => format!("a value of type {}", shown(ty, labels)),
    }
}

/// A type as the language writes it, a set of labels by what is in it: `Option<Label<"cat", "dog">>`.
pub fn shown(ty: &Type, labels: &[Vec<String>]) -> String {
    match ty {
        Type::Text => "Text".to_string(),
        Type::Bytes => "Bytes".to_string(),
        Type::Image => "Image".to_string(),
        Type::Audio => "Audio".to_string(),
        Type::Label(set) => format!("Label<{}>", one_of(*set, labels, "")),
        Type::Ranking(set) => format!("Ranking<{}>", one_of(*set, labels, "")),
        Type::Option(inner) => format!("Option<{}>", shown(inner, labels)),
        Type::Result(inner) => format!("Result<{}>", shown(inner, labels)),
        Type::List(inner, bound) => format!("List<{}, {bound}>", shown(inner, labels)),
        Type::Record(fields) => {
            let fields = fields.iter().map(|(name, ty)| format!("{name}: {}", shown(ty, labels)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Type::Tensor(..) => ty.to_string(),
    }
}

/// The labels of a small set, or how many a large one has.
fn one_of(set: u32, labels: &[Vec<String>], last: &str) -> String {
    const SHOWN: usize = 10;
    let labels = labels.get(set as usize).map(Vec::as_slice).unwrap_or_default();
    let mut words: Vec<String> = labels.iter().map(|label| Json::from(label.as_str()).to_string()).collect();
    if words.len() > SHOWN {
        return format!("{} labels", words.len());
    }
    if let [_, .., end] = words.as_mut_slice() {
        end.insert_str(0, last);
    }
    words.join(", ")
}
