//! What the compiler knows of an ONNX file.

use crate::error::Error;
use std::collections::BTreeMap;
use std::fmt;

/// A model as far as the compiler needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub ir_version: i64,
    /// Versions of the operator sets by domain; ONNX's own is `ai.onnx`.
    pub opsets: BTreeMap<String, i64>,
    /// The program that wrote the file, with its version where stated; empty where it says nothing.
    pub producer: String,
    /// What a caller gives, in the file's order; inputs that have an initializer are not among them.
    pub inputs: Vec<Port>,
    /// What the model answers, in the file's order.
    pub outputs: Vec<Port>,
    /// How often each operator stands in the file, subgraphs and functions included: `Conv`, or `com.microsoft:QGemm` where
    /// the domain is not ONNX's own.
    pub operators: BTreeMap<String, u64>,
    /// Elements of all initializers and constants.
    pub parameters: u64,
    /// The file's own key-value notes.
    pub metadata: BTreeMap<String, String>,
    /// Tensors that are kept in other files.
    pub external: Vec<External>,
    /// Outputs that already are the result of a softmax, by name.
    pub softmax_outputs: Vec<String>,
    /// Nodes of all graphs.
    pub nodes: u64,
}

/// An input or output of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    pub name: String,
    pub dtype: Dtype,
    /// The dimensions; none at all is a scalar, `None` where the file does not even state their number.
    pub dims: Option<Vec<Dim>>,
}

/// One dimension of a tensor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dim {
    Is(u64),
    /// Free, with a name that binds it to others of the same name.
    Named(String),
    Unknown,
}

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dtype {
    F16,
    Bf16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
    Text,
    /// ONNX's number of a type that is none of the above: complex numbers, 4 and 8 bit floats.
    Other(i32),
    /// A sequence, map or optional; not a tensor at all.
    NotTensor,
}

/// A tensor that is kept in another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    pub tensor: String,
    /// Relative to the model's folder, with `/`; proven not to leave it.
    pub location: String,
    /// Where it starts in that file, in bytes.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

impl Model {
    /// Holds the external tensors against the files that are there.
    ///
    /// `size` gives the size of a file in bytes by its path relative to the model's folder, or nothing where there is none.
    /// Returns the bytes of all external files.
    pub fn check_external(&self, mut size: impl FnMut(&str) -> Option<u64>) -> Result<u64, Error> {
        let mut files = BTreeMap::new();
        for tensor in &self.external {
            let have = match files.get(&tensor.location) {
                Some(have) => *have,
                None => size(&tensor.location)
                    .ok_or_else(|| Error::ExternalMissing { location: tensor.location.clone() })?,
            };
            files.insert(tensor.location.clone(), have);
            let need = tensor.offset.saturating_add(tensor.bytes);
            if need > have {
                return Err(Error::ExternalShort { location: tensor.location.clone(), have, need });
            }
        }
        Ok(files.values().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes)))
    }
}

impl Dtype {
    pub(crate) fn from_onnx(number: i32) -> Dtype {
        match number {
            1 => Dtype::F32,
            2 => Dtype::U8,
            3 => Dtype::I8,
            4 => Dtype::U16,
            5 => Dtype::I16,
            6 => Dtype::I32,
            7 => Dtype::I64,
            8 => Dtype::Text,
            9 => Dtype::Bool,
            10 => Dtype::F16,
            11 => Dtype::F64,
            12 => Dtype::U32,
            13 => Dtype::U64,
            16 => Dtype::Bf16,
            other => Dtype::Other(other),
        }
    }

    /// Bytes of an element, or nothing where that is not fixed.
    pub(crate) fn bytes(self) -> Option<u64> {
        match self {
            Dtype::I8 | Dtype::U8 | Dtype::Bool => Some(1),
            Dtype::F16 | Dtype::Bf16 | Dtype::I16 | Dtype::U16 => Some(2),
            Dtype::F32 | Dtype::I32 | Dtype::U32 => Some(4),
            Dtype::F64 | Dtype::I64 | Dtype::U64 => Some(8),
            Dtype::Text | Dtype::Other(_) | Dtype::NotTensor => None,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dtype::F16 => "f16",
            Dtype::Bf16 => "bf16",
            Dtype::F32 => "f32",
            Dtype::F64 => "f64",
            Dtype::I8 => "i8",
            Dtype::I16 => "i16",
            Dtype::I32 => "i32",
            Dtype::I64 => "i64",
            Dtype::U8 => "u8",
            Dtype::U16 => "u16",
            Dtype::U32 => "u32",
            Dtype::U64 => "u64",
            Dtype::Bool => "bool",
            Dtype::Text => "text",
            Dtype::Other(number) => return write!(f, "ONNX type {number}"),
            Dtype::NotTensor => "no tensor",
        })
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dim::Is(n) => write!(f, "{n}"),
            Dim::Named(name) => write!(f, "{name}"),
            Dim::Unknown => write!(f, "_"),
        }
    }
}

/// `probs: f32[N, 10]`; `..` in the place of dimensions whose number is not stated.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.dtype)?;
        match &self.dims {
            None => write!(f, "[..]"),
            Some(dims) if dims.is_empty() => Ok(()),
            Some(dims) => {
                let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", dims.join(", "))
            }
        }
    }
}
