//! Tables: `.csv` with a header whose names are the fields of a record.

use super::room;
use csv::{ReaderBuilder, StringRecord};
use mu_format::json;
use mu_format::types::Type;
use mu_format::value::Value;
use serde_json::Value as Json;
use std::sync::Arc;

/// A list of records. The columns may stand in any order; each field has one and there is none besides. The error names the
/// line and the field.
pub(super) fn read(bytes: &[u8], element: &Type, bound: u64, labels: &[Vec<String>]) -> Result<Value, String> {
    let Type::Record(fields) = element else { return Err(format!("a table holds records, not {element}")) };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().map_err(|e| error(&e))?.clone();
    let columns = columns(&header, fields)?;
    let mut rows = Vec::new();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(|e| error(&e))? {
        let line = row.position().map_or(0, csv::Position::line);
        room(rows.len(), bound, line)?;
        let values = fields.iter().zip(&columns).map(|((name, ty), column)| {
            let text = row.get(*column).unwrap_or_default();
            let json = cell(text, ty).map_err(|e| format!("line {line}, field `{name}`: {e}"))?;
            json::from_json(&json, ty, labels, "").map_err(|e| format!("line {line}, field `{name}`: {}", e.message))
        });
        rows.push(Value::Record(Arc::new(values.collect::<Result<_, _>>()?)));
    }
    Ok(Value::List(Arc::new(rows)))
}

/// The column of each field.
fn columns(header: &StringRecord, fields: &[(String, Type)]) -> Result<Vec<usize>, String> {
    let place = |name: &str| header.iter().position(|column| column.trim() == name);
    let known = |column: &str| fields.iter().any(|(name, _)| name == column);
    if let Some(column) = header.iter().map(str::trim).find(|column| !known(column)) {
        let names = fields.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(format!("line 1: there is no field `{column}`, only {names}"));
    }
    let columns = fields.iter().map(|(name, _)| {
        let missing = || format!("line 1: no column for the field `{name}`");
        place(name).ok_or_else(missing)
    });
    let columns: Vec<usize> = columns.collect::<Result<_, _>>()?;
    match header.len() == columns.len() {
        true => Ok(columns),
        false => Err("line 1: a column stands twice".to_string()),
    }
}

/// A cell as the JSON of its type. An empty one is nothing where the field is an option.
fn cell(text: &str, ty: &Type) -> Result<Json, String> {
    match ty {
        Type::Text | Type::Bytes | Type::Image | Type::Audio => Ok(Json::from(text)),
        Type::Label(_) => Ok(Json::from(text.trim())),
        Type::Option(_) if text.trim().is_empty() => Ok(Json::Null),
        Type::Option(inner) => cell(text, inner),
        _ => serde_json::from_str(text.trim()).map_err(|_| format!("`{text}` is no value of type {ty}")),
    }
}

fn error(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => match pos {
            Some(pos) => format!("line {}: it is not UTF-8", pos.line()),
            None => "it is not UTF-8".to_string(),
        },
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: {len} cells where the first line has {expected_len}")
        }
        _ => error.to_string(),
    }
}
