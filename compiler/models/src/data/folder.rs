//! Folders of files: each in a folder that is called as its label, or named by a `labels.csv`.

use super::{Sample, Samples, Want, files, table};
use crate::error::Error;
use mu_format::types::Type;
use mu_format::value::{Audio, Image, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The table beside the files.
const LABELS: &str = "labels.csv";

struct Folder {
    root: PathBuf,
    /// The paths from the root, with the place of the label in its set.
    files: Vec<(String, Option<u32>)>,
    ty: Type,
}

pub fn open(root: &Path, want: Want) -> Result<Box<dyn Samples>, Error> {
    let labels = root.join(LABELS);
    if labels.is_file() {
        let bytes = files::read(&labels)?;
        let samples = table::open(&labels, "csv", &bytes, want)?;
        return match samples.is_empty() {
            true => Err(Error::wrong(format!("`{}` has no samples", labels.display()))),
            false => Ok(samples),
        };
    }
    let ty = match want.inputs.as_slice() {
        [only] if matches!(only.ty, Type::Image | Type::Audio | Type::Text | Type::Bytes) => only.ty.clone(),
        _ => {
            let message = format!("`{}` is a folder, but the inputs are not one file each", root.display());
            return Err(Error::wrong(message).help(format!("put a table into it: `{LABELS}`, or name a .csv file")));
        }
    };
    let set = match want.truth {
        Some(Type::Label(set)) => Some(want.labels.get(set as usize).map(Vec::as_slice).unwrap_or_default()),
        None => None,
        Some(_) => {
            let message = format!("`{}` is a folder, but the right answers are no labels", root.display());
            return Err(Error::wrong(message).help(format!("put a table into it: `{LABELS}` with `file` and `truth`")));
        }
    };
    let mut files = Vec::new();
    for folder in names(root)?.into_iter().filter(|name| root.join(name).is_dir()) {
        let label = match set {
            Some(labels) => Some(place(labels, &folder).ok_or_else(|| {
                let message = format!("the folder `{folder}` is called as none of the {} labels", labels.len());
                Error::wrong(message).help(format!("the labels are {}", some_of(labels)))
            })?),
            None => None,
        };
        for name in names(&root.join(&folder))? {
            files.push((format!("{folder}/{name}"), label));
        }
    }
    if files.is_empty() {
        let message = format!("`{}` has no files in folders called by labels, and no `{LABELS}`", root.display());
        return Err(Error::wrong(message).help("put each file into a folder that is called as its label"));
    }
    Ok(Box::new(Folder { root: root.to_owned(), files, ty }))
}

impl Samples for Folder {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn sample(&self, place: usize) -> Result<Sample, Error> {
        let (name, label) = self.files.get(place).ok_or_else(|| Error::wrong(format!("there is no file {place}")))?;
        let bytes = files::read(&self.root.join(name))?;
        let input = match self.ty {
            Type::Image => Value::Image(Image::Encoded(Arc::new(bytes))),
            Type::Audio => Value::Audio(Audio::Encoded(Arc::new(bytes))),
            Type::Text => match String::from_utf8(bytes) {
                Ok(text) => Value::Text(text.into()),
                Err(_) => return Err(Error::wrong(format!("{name}: it is no UTF-8 text"))),
            },
            _ => Value::Bytes(Arc::new(bytes)),
        };
        Sample { name: name.clone(), inputs: vec![input], truth: label.map(Value::Label) }.decoded()
    }
}

fn place(labels: &[String], name: &str) -> Option<u32> {
    labels.iter().position(|label| label == name).and_then(|place| u32::try_from(place).ok())
}

/// What lies in a folder, in byte order, without what is hidden.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |error: std::io::Error| Error::outside(format!("`{}` cannot be listed: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().into_string();
        let name = name.map_err(|name| Error::wrong(format!("`{}` is no UTF-8 name", name.to_string_lossy())))?;
        found.push(name);
    }
    found.retain(|name| !name.starts_with('.'));
    found.sort_unstable();
    Ok(found)
}

fn some_of(labels: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = labels.iter().take(SHOWN).map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    let more = labels.len().saturating_sub(SHOWN);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
