//! Tables: `.csv` with a header, `.json` with a list of objects, `.jsonl` with an object a line.

use super::row::Row;
use super::{Sample, Samples, Want};
use crate::error::Error;
use csv::ReaderBuilder;
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct Table {
    rows: Vec<(String, Row)>,
    folder: PathBuf,
    want: Want,
}

/// `kind` is the end of the file's name.
pub fn open(path: &Path, kind: &str, bytes: &[u8], want: Want) -> Result<Box<dyn Samples>, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let rows = match kind {
        "csv" => csv(bytes),
        "json" => json(bytes),
        _ => lines(bytes),
    };
    let rows = rows.map_err(|error| Error::wrong(format!("`{}`: {error}", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(Box::new(Table { rows, folder, want }))
}

impl Samples for Table {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn sample(&self, place: usize) -> Result<Sample, Error> {
        let (name, row) = self.rows.get(place).ok_or_else(|| Error::wrong(format!("there is no row {place}")))?;
        row.sample(name.clone(), &self.folder, &self.want)?.decoded()
    }
}

fn csv(bytes: &[u8]) -> Result<Vec<(String, Row)>, String> {
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?;
    let names: Arc<Vec<String>> = Arc::new(header.iter().map(|name| name.trim().to_owned()).collect());
    if let Some(twice) = names.iter().enumerate().find(|(i, name)| names.iter().take(*i).any(|other| other == *name)) {
        return Err(format!("the column `{}` stands twice", twice.1));
    }
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(0, csv::Position::line);
                format!("line {line}: {len} cells where the first line has {expected_len}")
            }
            _ => error.to_string(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        Ok((format!("line {line}"), Row::Cells(names.clone(), record.iter().map(str::to_owned).collect())))
    });
    rows.collect()
}

fn json(bytes: &[u8]) -> Result<Vec<(String, Row)>, String> {
    let list: Vec<Map<String, Json>> =
        serde_json::from_slice(bytes).map_err(|error| format!("it is no list of objects: {error}"))?;
    Ok(list.into_iter().enumerate().map(|(i, object)| (format!("row {i}"), Row::Object(object))).collect())
}

fn lines(bytes: &[u8]) -> Result<Vec<(String, Row)>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let rows = lines.map(|(i, line)| {
        let name = format!("line {}", i + 1);
        let object = serde_json::from_str(line).map_err(|error| format!("{name}: it is no object: {error}"))?;
        Ok((name, Row::Object(object)))
    });
    rows.collect()
}
