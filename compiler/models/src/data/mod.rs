//! Labelled data: samples for the inputs of a program and the right answers to them, from folders, tables and NumPy's archives.
//!
//! | what lies at the path | samples |
//! | --- | --- |
//! | a folder with `labels.csv` | the rows of that table, which names files |
//! | a folder of folders | each file in a folder that is called as its label |
//! | `.csv`, `.json` (a list of objects), `.jsonl` | rows: a column for each input or for each field of a record, and one called `label`, `truth`, `target` or `y`; pictures and sounds by their file, from the table's folder |
//! | `.npz` | the places of the first axis: an array for each input (or `x`, `inputs`) and one for the labels |
//!
//! Where labels are numbers, a number is the label that is spelled so, if all labels of the set are whole numbers, else the place
//! in the declaration of the set. Nothing is trusted: a sample is turned into a value of the asked type or is an error that names it.

mod arrays;
pub(crate) mod cell;
mod files;
mod folder;
mod identity;
mod row;
mod table;

pub use cell::{Reading, from_tensor};
pub use identity::Identity;

use crate::error::Error;
use mu_format::types::Type;
use mu_format::value::Value;
use std::path::Path;

/// What is asked of each sample.
#[derive(Debug, Clone)]
pub struct Want {
    pub inputs: Vec<Input>,
    /// The type of a right answer; without one, no labels are looked for.
    pub truth: Option<Type>,
    /// The label sets of the program.
    pub labels: Vec<Vec<String>>,
    /// The same sets in the order of their declaration, by which numbers name labels.
    pub declared: Vec<Vec<String>>,
    /// Samples a second of sounds that say nothing of it.
    pub rate: Option<u32>,
}

/// An input and what it may be called.
#[derive(Debug, Clone)]
pub struct Input {
    pub names: Vec<String>,
    pub ty: Type,
}

/// A sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Where it stands in the data, for messages and lists: `7/0012.png`, `line 13`, `sample 12`.
    pub name: String,
    /// In the order of the wanted inputs. Pictures and sounds are decoded.
    pub inputs: Vec<Value>,
    /// The right answer, where one was asked for.
    pub truth: Option<Value>,
}

impl Sample {
    /// With its pictures and sounds decoded.
    fn decoded(mut self) -> Result<Sample, Error> {
        let inputs = std::mem::take(&mut self.inputs).into_iter().map(mu_ops::decoded).collect::<Result<_, _>>();
        self.inputs = inputs.map_err(|error| Error::wrong(format!("{}: {}", self.name, error.message)))?;
        Ok(self)
    }
}

/// The samples of a data set, read one by one.
pub trait Samples {
    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sample at a place below [`Samples::len`]. The error names the sample.
    fn sample(&self, place: usize) -> Result<Sample, Error>;

    /// What was assumed of the data, in sentences.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What the columns and arrays of right answers may be called.
const TRUTH: [&str; 7] = ["truth", "label", "labels", "target", "targets", "y", "class"];
/// What the only input may be called beside its own name.
const ONLY: [&str; 5] = ["x", "input", "inputs", "data", "file"];

/// Opens the data at a path. `bytes` is the content of the file where it was read already.
pub fn open(path: &Path, bytes: Option<Vec<u8>>, want: Want) -> Result<Box<dyn Samples>, Error> {
    let want = want.with_common_names();
    let shown = path.display();
    if bytes.is_none() && path.is_dir() {
        return folder::open(path, want);
    }
    let kind = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    if !matches!(kind.as_str(), "npz" | "csv" | "json" | "jsonl" | "ndjson") {
        return Err(Error::wrong(format!(
            "`{shown}` is no data set: neither a folder nor .npz, .csv, .json or .jsonl"
        ))
        .help("name a data set of the project, a folder of files in folders called by their label, or a table"));
    }
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => files::read(path)?,
    };
    let samples = match kind.as_str() {
        "npz" => arrays::open(bytes, want)?,
        _ => table::open(path, &kind, &bytes, want)?,
    };
    match samples.is_empty() {
        true => Err(Error::wrong(format!("`{shown}` has no samples"))),
        false => Ok(samples),
    }
}

impl Want {
    fn with_common_names(mut self) -> Want {
        if let [only] = self.inputs.as_mut_slice() {
            only.names.extend(ONLY.map(str::to_owned));
        }
        self
    }
}
