//! NumPy's archives: an array for each input or for each field of a record, and one for the right answers.

use super::cell::{self, Reading};
use super::{Input, Sample, Samples, TRUTH, Want};
use crate::error::Error;
use mu_format::npy;
use mu_format::tensor::{Data, Tensor};
use mu_format::types::Type;
use mu_format::value::Value;
use std::io::{Cursor, Read};
use std::sync::Arc;
use zip::ZipArchive;

/// The most bytes that one array may take.
const LARGEST: u64 = 2 << 30;

struct Arrays {
    inputs: Vec<Column>,
    truth: Option<Column>,
    want: Want,
    len: usize,
    notes: Vec<String>,
}

/// The arrays of one value.
enum Column {
    Whole {
        name: String,
        array: Array,
        light: f64,
    },
    /// Of a record: an array for each field.
    Fields(Vec<Column>),
}

enum Array {
    Numbers(Tensor),
    Texts(Vec<String>),
}

pub fn open(bytes: Vec<u8>, want: Want) -> Result<Box<dyn Samples>, Error> {
    let archive = ZipArchive::new(Cursor::new(bytes));
    let archive = archive.map_err(|error| Error::wrong(format!("the data set is no .npz file: {error}")))?;
    let names: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.trim_end_matches(".npy").to_owned())).collect();
    let mut reader = Reader { archive, names, notes: Vec::new() };
    let inputs = want.inputs.iter().map(|input| reader.input(input)).collect::<Result<Vec<_>, _>>()?;
    let truth = want.truth.as_ref().map(|ty| reader.column(&TRUTH.map(str::to_owned), ty)).transpose()?;
    let mut lengths: Vec<(&str, usize)> = Vec::new();
    inputs.iter().chain(&truth).for_each(|column| column.lengths(&mut lengths));
    let Some((first, len)) = lengths.first().copied() else { return Err(Error::wrong("no array is asked for")) };
    if let Some((other, length)) = lengths.iter().find(|(_, length)| *length != len) {
        let message = format!("the array `{first}` has {len} samples, `{other}` has {length}");
        return Err(Error::wrong(message).help("all arrays of a data set have the same first axis"));
    }
    Ok(Box::new(Arrays { inputs, truth, want, len, notes: reader.notes }))
}

impl Samples for Arrays {
    fn len(&self) -> usize {
        self.len
    }

    fn sample(&self, place: usize) -> Result<Sample, Error> {
        let name = format!("sample {place}");
        let wrong = |error: String| Error::wrong(format!("{name}: {error}"));
        let inputs = self.inputs.iter().zip(&self.want.inputs);
        let inputs = inputs.map(|(column, input)| column.value(place, &input.ty, &self.want));
        let inputs = inputs.collect::<Result<_, _>>().map_err(wrong)?;
        let truth = self.truth.as_ref().zip(self.want.truth.as_ref());
        let truth = truth.map(|(column, ty)| column.value(place, ty, &self.want)).transpose().map_err(wrong)?;
        Ok(Sample { name, inputs, truth })
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

struct Reader {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    names: Vec<String>,
    notes: Vec<String>,
}

impl Reader {
    fn input(&mut self, input: &Input) -> Result<Column, Error> {
        self.column(&input.names, &input.ty)
    }

    /// The array by one of these names, or the arrays of the fields.
    fn column(&mut self, names: &[String], ty: &Type) -> Result<Column, Error> {
        let known = names.iter().find(|name| self.names.contains(name)).cloned();
        match (known, ty) {
            (Some(name), _) => self.whole(name, ty),
            (None, Type::Record(fields)) if fields.iter().all(|(name, _)| self.names.contains(name)) => {
                let columns = fields.iter().map(|(name, ty)| self.whole(name.clone(), ty));
                Ok(Column::Fields(columns.collect::<Result<_, _>>()?))
            }
            (None, _) => {
                let wanted = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let there = self.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let message = format!("the data set has no array called {wanted}; it has {there}");
                Err(Error::wrong(message).help("save it again with `numpy.savez(file, NAME=array, label=labels)`"))
            }
        }
    }

    fn whole(&mut self, name: String, ty: &Type) -> Result<Column, Error> {
        let array = self.array(&name)?;
        let light = match (&array, ty) {
            (Array::Numbers(tensor), Type::Image) if tensor.dtype().is_float() => self.light(&name, &tensor.data),
            _ => 1.0,
        };
        Ok(Column::Whole { name, array, light })
    }

    fn array(&mut self, name: &str) -> Result<Array, Error> {
        let wrong = |why: String| Error::wrong(format!("the array `{name}` cannot be read: {why}"));
        let file = match self.archive.index_for_name(&format!("{name}.npy")) {
            Some(place) => self.archive.by_index(place),
            None => self.archive.by_name(name),
        };
        let file = file.map_err(|error| wrong(error.to_string()))?;
        let mut bytes = Vec::new();
        // What the archive says of the size is no promise.
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        if bytes.len() as u64 > LARGEST {
            return Err(wrong(format!("it has more than {LARGEST} bytes")));
        }
        match npy::texts(&bytes).map_err(wrong)? {
            Some(texts) => Ok(Array::Texts(texts)),
            None => match npy::read(&bytes).map_err(wrong)? {
                tensor if tensor.shape.is_empty() => Err(wrong("it is a single number".into())),
                tensor => Ok(Array::Numbers(tensor)),
            },
        }
    }

    /// Pictures of floats between 0 and 1 are taken as such of bytes between 0 and 255; how much that rounds is noted.
    fn light(&mut self, name: &str, data: &Data) -> f64 {
        let values: Box<dyn Iterator<Item = f64> + '_> = match data {
            Data::F32(values) => Box::new(values.iter().map(|x| f64::from(*x))),
            Data::F64(values) => Box::new(values.iter().copied()),
            _ => return 1.0,
        };
        let (mut most, mut off) = (0.0f64, 0.0f64);
        for x in values {
            most = most.max(x);
            off = off.max((x * 255.0 - (x * 255.0).round()).abs());
        }
        if most > 1.0 {
            return 1.0;
        }
        let off = (off * 100.0).round() / 100.0;
        self.notes.push(format!(
            "`{name}` holds pictures of numbers from 0 to 1: they became bytes, off by {off} of one at most"
        ));
        255.0
    }
}

impl Column {
    fn lengths<'a>(&'a self, found: &mut Vec<(&'a str, usize)>) {
        match self {
            Column::Whole { name, array: Array::Numbers(tensor), .. } => {
                found.push((name, tensor.shape.first().copied().unwrap_or(0)));
            }
            Column::Whole { name, array: Array::Texts(texts), .. } => found.push((name, texts.len())),
            Column::Fields(columns) => columns.iter().for_each(|column| column.lengths(found)),
        }
    }

    fn value(&self, place: usize, ty: &Type, want: &Want) -> Result<Value, String> {
        match (self, ty) {
            (Column::Fields(columns), Type::Record(fields)) => {
                let values = columns.iter().zip(fields).map(|(column, (_, ty))| column.value(place, ty, want));
                Ok(Value::Record(Arc::new(values.collect::<Result<_, _>>()?)))
            }
            (Column::Fields(_), _) => Err(format!("no {ty}")),
            (Column::Whole { name, array: Array::Numbers(tensor), light }, ty) => {
                let reading =
                    Reading { labels: &want.labels, declared: &want.declared, rate: want.rate, light: *light };
                let row = row(tensor, place).ok_or("the sample is not there")?;
                cell::from_tensor(&row, ty, &reading).map_err(|error| format!("`{name}`: {error}"))
            }
            (Column::Whole { name, array: Array::Texts(texts), .. }, ty) => {
                let text = texts.get(place).map(String::as_str).unwrap_or_default();
                cell::from_text(text, ty, &want.labels).map_err(|error| format!("`{name}`: {error}"))
            }
        }
    }
}

/// One place of the first axis.
fn row(tensor: &Tensor, place: usize) -> Option<Tensor> {
    let (_, shape) = tensor.shape.split_first()?;
    let size = shape.iter().product::<usize>();
    let part = place.checked_mul(size)?..place.checked_add(1)?.checked_mul(size)?;
    let data = match &tensor.data {
        Data::Bool(v) => Data::Bool(v.get(part)?.to_vec()),
        Data::U8(v) => Data::U8(v.get(part)?.to_vec()),
        Data::I32(v) => Data::I32(v.get(part)?.to_vec()),
        Data::I64(v) => Data::I64(v.get(part)?.to_vec()),
        Data::F32(v) => Data::F32(v.get(part)?.to_vec()),
        Data::F64(v) => Data::F64(v.get(part)?.to_vec()),
    };
    Some(Tensor { shape: shape.to_vec(), data })
}
