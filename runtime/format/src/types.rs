//! The types of the IR: monomorphic and first-order. Units are gone (they are checked before), label sets are numbers into
//! the program's table.

use crate::depth::nested;
use crate::tensor::DType;
use serde::{Deserialize, Serialize};

/// One dimension of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dim {
    /// Exactly this many.
    Is(u64),
    /// Known only at run time, and at most this many: a buffer can be sized. `<= 960` in the text form.
    UpTo(u64),
    /// Known only at run time and not bounded: decoded pictures. `_` in the text form; never reaches a net.
    Any,
}

/// A type. The text form is given with each variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// `text`
    Text,
    /// `bytes`
    Bytes,
    /// `image`: a PNG or JPEG file, or decoded pixels
    Image,
    /// `audio`: a WAV file, or decoded samples
    Audio,
    /// `label<3>`: an index into label set 3
    Label(u32),
    /// `ranking<3>`: every label of set 3 with its score, best first
    Ranking(u32),
    /// `option<T>`
    Option(#[serde(deserialize_with = "nested")] Box<Type>),
    /// `result<T>`: the error is a text
    Result(#[serde(deserialize_with = "nested")] Box<Type>),
    /// `list<T, 16>`: at most 16 elements
    List(#[serde(deserialize_with = "nested")] Box<Type>, u64),
    /// `{label: label<0>, score: f32}`; names matter for JSON and for reading only, fields go by place
    Record(#[serde(deserialize_with = "nested")] Vec<(String, Type)>),
    /// `f32[1, 3, <= 960, _]`; a scalar is a tensor of no dimensions, written `f32`; `bool`, `i64` likewise
    Tensor(DType, Vec<Dim>),
}

impl Type {
    pub fn scalar(dtype: DType) -> Type {
        Type::Tensor(dtype, Vec::new())
    }

    /// Whether a value of type `other` may stand where this type is asked for: the same, except that exact dimensions may stand
    /// for bounded ones and bounded ones for free ones, and a shorter list for a longer one.
    pub fn accepts(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Option(a), Type::Option(b)) | (Type::Result(a), Type::Result(b)) => a.accepts(b),
            (Type::List(a, n), Type::List(b, m)) => m <= n && a.accepts(b),
            (Type::Record(a), Type::Record(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| a.accepts(b))
            }
            (Type::Tensor(t, a), Type::Tensor(u, b)) => {
                t == u && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.accepts(*b))
            }
            _ => self == other,
        }
    }
}

impl Dim {
    /// As [`Type::accepts`].
    pub fn accepts(self, other: Dim) -> bool {
        match (self, other) {
            (Dim::Any, _) => true,
            (Dim::UpTo(n), Dim::UpTo(m) | Dim::Is(m)) => m <= n,
            _ => self == other,
        }
    }

    /// Whether the dimension may be `n` at run time.
    pub fn holds(self, n: u64) -> bool {
        self.accepts(Dim::Is(n))
    }
}
