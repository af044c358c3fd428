//! Files of data as values, when the program is built: tables from `.csv`, lists from `.json` and `.jsonl`, tensors from
//! `.npy`, and pictures, sounds, texts and bytes as they are. What a file holds is checked against the type, bounds included.

mod table;

use mu_format::json;
use mu_format::types::Type;
use mu_format::value::Value;
use mu_format::{input, npy};
use serde_json::Value as Json;
use std::sync::Arc;

/// What is wrong with a file of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Names the file.
    pub message: String,
    /// What and where inside the file.
    pub label: String,
    pub help: String,
}

/// The value of the type that a file holds. `path` is for messages and its ending says the format.
pub fn value(path: &str, bytes: Vec<u8>, ty: &Type, labels: &[Vec<String>]) -> Result<Value, Problem> {
    read(path, bytes, ty, labels).map_err(|label| Problem {
        message: format!("`{path}` does not hold {}", what(ty)),
        label,
        help: help(path, ty),
    })
}

fn read(path: &str, bytes: Vec<u8>, ty: &Type, labels: &[Vec<String>]) -> Result<Value, String> {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match (ty, ending.as_deref()) {
        (Type::Image | Type::Audio | Type::Bytes | Type::Text, _) => {
            match ty {
                Type::Image => mu_ops::check_image(&bytes).map_err(|e| e.to_string())?,
                Type::Audio => mu_ops::check_audio(&bytes).map_err(|e| e.to_string())?,
                _ => {}
            }
            input::from_bytes(bytes, ty, labels, "$")
        }
        (Type::List(element, bound), Some("csv")) => table::read(&bytes, element, *bound, labels),
        (Type::List(element, bound), Some("jsonl")) => lines(&bytes, element, *bound, labels),
        (Type::Tensor(..), Some("npy")) if !npy::is_npy(&bytes) => Err("it is no .npy file".to_string()),
        (_, Some("json")) | (Type::Tensor(..), Some("npy")) => input::from_bytes(bytes, ty, labels, "$"),
        _ => Err(format!("a file with this ending is not read as {}", what(ty))),
    }
}

/// One JSON value a line; empty lines are left out.
fn lines(bytes: &[u8], element: &Type, bound: u64, labels: &[Vec<String>]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("it is not UTF-8 at byte {}", e.valid_up_to()))?;
    let mut list = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = i + 1;
        room(list.len(), bound, number as u64)?;
        let json: Json = serde_json::from_str(line).map_err(|e| format!("line {number}: no JSON: {e}"))?;
        let value = json::from_json(&json, element, labels, "$").map_err(|e| format!("line {number}: {e}"))?;
        list.push(value);
    }
    Ok(Value::List(Arc::new(list)))
}

fn room(count: usize, bound: u64, line: u64) -> Result<(), String> {
    if (count as u64) < bound { Ok(()) } else { Err(format!("line {line}: there are more than {bound} elements")) }
}

fn what(ty: &Type) -> String {
    match ty {
        Type::Image => "a picture".to_string(),
        Type::Audio => "a sound".to_string(),
        Type::Text => "a text".to_string(),
        Type::Bytes => "bytes".to_string(),
        Type::List(element, bound) if matches!(**element, Type::Record(_)) => format!("at most {bound} records"),
        _ => format!("a value of type {ty}"),
    }
}

fn help(path: &str, ty: &Type) -> String {
    match ty {
        Type::Image => "a picture is a PNG or JPEG file".to_string(),
        Type::Audio => "a sound is a WAV file".to_string(),
        Type::Text => "a text is a file in UTF-8".to_string(),
        Type::Tensor(_, dims) if !dims.is_empty() => {
            "a tensor is read from `.npy` (NumPy's `save`) or from `.json`".to_string()
        }
        Type::List(element, _) if matches!(**element, Type::Record(_)) => {
            "records are read from `.csv` (the first line names the fields), `.json` (a list) or `.jsonl`".to_string()
        }
        Type::List(..) => "a list is read from `.json` or `.jsonl`".to_string(),
        _ => format!("correct `{path}`, or the type it is read as"),
    }
}
