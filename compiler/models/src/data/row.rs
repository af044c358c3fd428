//! A row of a table as a sample: an object of JSON, or cells of text under their names.

use super::cell;
use super::{Input, Sample, TRUTH, Want, files};
use crate::error::Error;
use mu_format::json;
use mu_format::types::Type;
use mu_format::value::{Audio, Image, Value};
use serde_json::{Map, Value as Json};
use std::path::Path;
use std::sync::Arc;

/// A row, as it was read.
pub enum Row {
    Object(Map<String, Json>),
    /// Of a table of text; the names are those of its columns.
    Cells(Arc<Vec<String>>, Vec<String>),
}

/// What stands in a place of a row.
enum Cell<'a> {
    Json(&'a Json),
    Text(&'a str),
}

impl Row {
    fn cell(&self, name: &str) -> Option<Cell<'_>> {
        match self {
            Row::Object(object) => object.get(name).map(Cell::Json),
            Row::Cells(names, cells) => {
                let place = names.iter().position(|other| other == name)?;
                cells.get(place).map(|cell| Cell::Text(cell))
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Row::Object(object) => object.keys().map(String::as_str).collect(),
            Row::Cells(names, _) => names.iter().map(String::as_str).collect(),
        }
    }

    /// The sample of the row. Files are named from `folder`.
    pub fn sample(&self, name: String, folder: &Path, want: &Want) -> Result<Sample, Error> {
        let read = Read { row: self, folder, labels: &want.labels, declared: &want.declared };
        let named = |error: Error| Error { message: format!("{name}: {}", error.message), ..error };
        let inputs = want.inputs.iter().map(|input| read.input(input)).collect::<Result<_, _>>().map_err(named)?;
        let truth = want.truth.as_ref().map(|ty| read.value(&TRUTH, ty)).transpose().map_err(named)?;
        Ok(Sample { name, inputs, truth })
    }
}

struct Read<'a> {
    row: &'a Row,
    folder: &'a Path,
    labels: &'a [Vec<String>],
    declared: &'a [Vec<String>],
}

impl Read<'_> {
    fn input(&self, input: &Input) -> Result<Value, Error> {
        let names: Vec<&str> = input.names.iter().map(String::as_str).collect();
        self.value(&names, &input.ty)
    }

    /// The cell by one of these names; of a record else its fields.
    fn value(&self, names: &[&str], ty: &Type) -> Result<Value, Error> {
        let found = names.iter().find_map(|name| Some((*name, self.row.cell(name)?)));
        if let Some((name, cell)) = found {
            return self
                .cell(&cell, ty)
                .map_err(|error| Error { message: format!("`{name}`: {}", error.message), ..error });
        }
        match ty {
            Type::Record(fields) if fields.iter().any(|(name, _)| self.row.cell(name).is_some()) => {
                let values = fields.iter().map(|(name, ty)| self.value(&[name.as_str()], ty));
                Ok(Value::Record(Arc::new(values.collect::<Result<_, _>>()?)))
            }
            Type::Option(_) => Ok(Value::Option(None)),
            _ => {
                let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let there = list(&self.row.names());
                Err(Error::wrong(format!("nothing is called {}; there is {there}", list(names))))
            }
        }
    }

    fn cell(&self, cell: &Cell, ty: &Type) -> Result<Value, Error> {
        let value = match (cell, ty) {
            (Cell::Text(path), Type::Image | Type::Audio | Type::Bytes) => return self.file(path, ty),
            (Cell::Json(Json::String(path)), Type::Image | Type::Audio | Type::Bytes) => return self.file(path, ty),
            (Cell::Text(text), _) => cell::from_text(text, ty, self.labels),
            (Cell::Json(Json::Number(number)), Type::Label(set)) => {
                cell::label(number.as_f64().unwrap_or(f64::NAN), *set, self.labels, self.declared).map(Value::Label)
            }
            (Cell::Json(json), _) => {
                json::from_json(json, ty, self.labels, "").map_err(|error| format!("{} {}", error.path, error.message))
            }
        };
        value.map_err(|error| Error::wrong(error.trim().to_owned()))
    }

    fn file(&self, path: &str, ty: &Type) -> Result<Value, Error> {
        let bytes = Arc::new(files::read(&self.folder.join(path.trim()))?);
        Ok(match ty {
            Type::Image => Value::Image(Image::Encoded(bytes)),
            Type::Audio => Value::Audio(Audio::Encoded(bytes)),
            _ => Value::Bytes(bytes),
        })
    }
}
