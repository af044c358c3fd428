//! YAML as JSON values. The parser bounds how deep values nest and how often aliases repeat.

use serde_json::Value;

/// The error says what is wrong and where.
pub fn parse(text: &str) -> Result<Value, String> {
    serde_norway::from_str(text).map_err(|error| error.to_string())
}
