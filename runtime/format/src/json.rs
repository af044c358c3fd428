//! Values as JSON, both ways, directed by their types.
//!
//! A label is its string; an option its value or `null`; a result `{"ok": ..}` or `{"error": ".."}`; a record an object with
//! its fields and no others, where an option may be left out; a ranking a list of `{"label", "score"}`, best first; a tensor nested lists; an image, a sound and bytes
//! are base64 of the file. Numbers are finite. The option of an option cannot tell an inner `null` from an outer one.

mod from;
mod to;

pub use from::from_json;
pub use to::to_json;

use std::fmt;

/// What is wrong with a JSON value, or with a value that should become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// `$.boxes[3].left`
    pub path: String,
    pub message: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for JsonError {}

/// An error whose path is still to be written, from the inside out.
struct Trace {
    steps: Vec<String>,
    message: String,
}

impl Trace {
    fn at(mut self, step: impl Into<String>) -> Trace {
        self.steps.push(step.into());
        self
    }

    fn field(self, name: &str) -> Trace {
        self.at(format!(".{name}"))
    }

    fn index(self, index: usize) -> Trace {
        self.at(format!("[{index}]"))
    }

    fn finish(mut self, root: &str) -> JsonError {
        self.steps.reverse();
        JsonError { path: format!("{root}{}", self.steps.concat()), message: self.message }
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T, Trace> {
    Err(Trace { steps: Vec::new(), message: message.into() })
}
