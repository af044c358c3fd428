//! Values at run time, and constants in a plan.

use crate::depth::nested;
use crate::tensor::{Data, Tensor};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A picture: as it came, or pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Image {
    /// The bytes of a PNG or JPEG file.
    Encoded(Arc<Vec<u8>>),
    /// `channels` is 1 to 4 (grey, grey + alpha, RGB, RGBA), 8 bits, row by row, channels last.
    Pixels { width: u32, height: u32, channels: u8, data: Arc<Vec<u8>> },
}

/// A sound: as it came, or samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Audio {
    /// The bytes of a WAV file.
    Encoded(Arc<Vec<u8>>),
    /// One channel, between -1 and 1, at `rate` samples a second.
    Samples { rate: u32, data: Arc<Vec<f32>> },
}

/// A value of a [`crate::types::Type`]. Scalars have variants of their own, so that no shape is allocated for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Bool(bool),
    I64(i64),
    F32(f32),
    F64(f64),
    /// Any tensor with dimensions, and scalars of the other element types.
    Tensor(Arc<Tensor>),
    Text(Arc<str>),
    Bytes(Arc<Vec<u8>>),
    Image(Image),
    Audio(Audio),
    /// An index into the type's label set.
    Label(u32),
    /// Label and score, best first; equal scores in the order of the card's classes.
    Ranking(Arc<Vec<(u32, f32)>>),
    Option(#[serde(deserialize_with = "nested")] Option<Arc<Value>>),
    Result(#[serde(deserialize_with = "nested")] Result<Arc<Value>, Arc<str>>),
    List(#[serde(deserialize_with = "nested")] Arc<Vec<Value>>),
    Record(#[serde(deserialize_with = "nested")] Arc<Vec<Value>>),
}

impl Value {
    /// The value of a tensor: scalars get their own variant.
    pub fn from_tensor(tensor: Arc<Tensor>) -> Value {
        if tensor.shape.is_empty() {
            match &tensor.data {
                Data::Bool(v) => v.first().copied().map(Value::Bool),
                Data::I64(v) => v.first().copied().map(Value::I64),
                Data::F32(v) => v.first().copied().map(Value::F32),
                Data::F64(v) => v.first().copied().map(Value::F64),
                Data::U8(_) | Data::I32(_) => None,
            }
            .unwrap_or(Value::Tensor(tensor))
        } else {
            Value::Tensor(tensor)
        }
    }

    /// The tensor of a number, a bool or a tensor; `None` for other values.
    pub fn to_tensor(&self) -> Option<Arc<Tensor>> {
        let data = match self {
            Value::Tensor(tensor) => return Some(tensor.clone()),
            Value::Bool(b) => Data::Bool(vec![*b]),
            Value::I64(n) => Data::I64(vec![*n]),
            Value::F32(x) => Data::F32(vec![*x]),
            Value::F64(x) => Data::F64(vec![*x]),
            _ => return None,
        };
        Some(Arc::new(Tensor { shape: Vec::new(), data }))
    }
}
