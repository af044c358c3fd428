//! Why a file is no model that can be used, as data; the words are made here and nowhere else.

use std::fmt;

/// Why a file was refused. `Display` says what is wrong, [`Error::help`] what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The file has no bytes.
    Empty,
    /// A pointer that Git LFS left in the place of the file.
    LfsPointer {
        /// The size of the real file in bytes, where the pointer says it.
        size: Option<u64>,
    },
    /// A web page, most often a login or error page saved under the model's name.
    Html,
    /// A file of another kind: `a zip archive`.
    Foreign { kind: &'static str },
    /// The bytes are no protobuf message that ONNX could have written.
    NotProtobuf { at: u64 },
    /// The message is ONNX's, but a part of it cannot be decoded; in the decoder's words.
    Damaged { detail: String },
    /// The file ends before its own end.
    Truncated { have: u64, need: u64 },
    /// A part that every model has is not there: `graph`.
    Incomplete { part: &'static str },
    /// The graph uses a value that nothing makes.
    Dangling { name: String },
    /// Nodes of the graph need each other's values.
    Cycle { name: String },
    /// More of something than a model may have: `nodes`.
    TooMany { what: &'static str, count: u64, limit: u64 },
    /// A tensor whose shape is negative, overflows, or is larger than any memory.
    AbsurdShape { tensor: String, dims: Vec<i64>, limit: u64 },
    /// A tensor that states more elements than the file has room for.
    MissingWeights { tensor: String, elements: u64 },
    /// A tensor in another file, which does not say in which.
    ExternalUnnamed { tensor: String },
    /// A tensor in another file, outside of the model's folder.
    ExternalEscapes { location: String },
    /// The file of external tensors is not there.
    ExternalMissing { location: String },
    /// The file of external tensors is too short.
    ExternalShort { location: String, have: u64, need: u64 },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Empty => write!(f, "the file is empty"),
            Error::LfsPointer { .. } => write!(f, "the file is a Git LFS pointer, not the model itself"),
            Error::Html => write!(f, "the file is a web page, not a model"),
            Error::Foreign { kind } => write!(f, "the file is {kind}, not an ONNX model"),
            Error::NotProtobuf { at } => {
                write!(f, "the file is not an ONNX model: byte {at} begins nothing that ONNX writes")
            }
            Error::Damaged { detail } => write!(f, "the file is damaged: {detail}"),
            Error::Truncated { have, need } => {
                write!(f, "the file is cut off: it has {have} bytes and needs at least {need}")
            }
            Error::Incomplete { part } => write!(f, "the file has no `{part}`, which every ONNX model has"),
            Error::Dangling { name } => write!(f, "the model's graph uses `{name}`, which nothing makes"),
            Error::Cycle { name } => {
                write!(f, "the model's graph runs in a circle: `{name}` is computed from itself")
            }
            Error::TooMany { what, count, limit } => {
                write!(f, "the file has {count} {what}, more than the {limit} that are read")
            }
            Error::AbsurdShape { tensor, dims, limit } => {
                write!(f, "the shape {dims:?} of `{tensor}` is impossible: a tensor has 0 to {limit} elements")
            }
            Error::MissingWeights { tensor, elements } => {
                write!(f, "`{tensor}` has {elements} elements by its shape, more than the file has room for")
            }
            Error::ExternalUnnamed { tensor } => {
                write!(f, "the weights of `{tensor}` are in another file, which is not named")
            }
            Error::ExternalEscapes { location } => {
                write!(f, "the model keeps weights in `{location}`, which is outside of its folder")
            }
            Error::ExternalMissing { location } => {
                write!(f, "the model keeps weights in `{location}`, which is not beside it")
            }
            Error::ExternalShort { location, have, need } => {
                write!(f, "`{location}`, in which the model keeps weights, has {have} bytes and needs {need}")
            }
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// One thing to do about it.
    pub fn help(&self) -> String {
        match self {
            Error::Empty | Error::Truncated { .. } | Error::Damaged { .. } => {
                "fetch the file again, and compare its sha256 with the origin's".into()
            }
            Error::LfsPointer { size: Some(size) } => {
                format!("fetch the file of {size} bytes with `git lfs pull`, or download it from the origin")
            }
            Error::LfsPointer { size: None } => {
                "fetch the file with `git lfs pull`, or download it from the origin".into()
            }
            Error::Html => "download the file itself; on a model hub that is the link named raw or download".into(),
            Error::Foreign { .. } => "export the model to ONNX and name that file".into(),
            Error::NotProtobuf { .. } | Error::Incomplete { .. } => {
                "check that the card names the right file, and fetch or export it again".into()
            }
            Error::Dangling { .. } | Error::Cycle { .. } => {
                "export the model again; `onnx.checker` names what is wrong with it".into()
            }
            Error::TooMany { .. } => "simplify the model before it is added, for example with `onnxsim`".into(),
            Error::AbsurdShape { .. } | Error::MissingWeights { .. } => {
                "the file is damaged or made to harm: fetch it again from an origin you trust".into()
            }
            Error::ExternalUnnamed { .. } | Error::ExternalEscapes { .. } => {
                "save the model as one file: `onnx.save(model, path, save_as_external_data=False)`".into()
            }
            Error::ExternalMissing { location } | Error::ExternalShort { location, .. } => {
                format!("put the whole `{location}` beside the model")
            }
        }
    }
}
