//! What a model is called with while it is measured: the first samples of a data set of its task, else inputs made up from the
//! types, the same ones every time.

use crate::error::Error;
use mu_evidence::stats::SplitMix;
use mu_format::bundle::sha256;
use mu_format::ir::{Entry, Program};
use mu_format::json::to_json;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use mu_interp::as_files;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// How many inputs calls take in turn.
pub const COUNT: usize = 16;

/// Inputs as the runtime reads them: an object a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub lines: String,
    /// Of the lines.
    pub sha256: String,
}

impl Inputs {
    /// `rows` has a value for each of the entry's parameters.
    pub fn new(program: &Program, entry: &Entry, rows: Vec<Vec<Value>>) -> Result<Inputs, Error> {
        let mut lines = String::new();
        for row in rows {
            let mut object = Map::new();
            for (param, value) in entry.params.iter().zip(row) {
                let wrong = |why: String| Error::wrong(format!("the input `{}` cannot be written: {why}", param.name));
                let value = as_files(value).map_err(|error| wrong(error.message))?;
                let json = to_json(&value, &param.ty, &program.labels).map_err(|error| wrong(error.to_string()))?;
                object.insert(param.name.clone(), json);
            }
            lines.push_str(&Json::from(object).to_string());
            lines.push('\n');
        }
        Ok(Inputs { sha256: sha256(lines.as_bytes()), lines })
    }

    /// Made up from the types of the entry's parameters.
    pub fn made_up(program: &Program, entry: &Entry) -> Result<Inputs, Error> {
        let mut made = Made { program, random: SplitMix(0) };
        let rows = (0..COUNT).map(|_| entry.params.iter().map(|param| made.value(&param.ty)).collect());
        Inputs::new(program, entry, rows.collect())
    }
}

/// Makes up values: pictures of 256 by 256 points, a second of sound, texts of some twenty words, numbers between 0 and 1.
struct Made<'a> {
    program: &'a Program,
    random: SplitMix,
}

const SIDE: u32 = 256;
const RATE: u32 = 16_000;
/// How long a list is that may be longer, and a dimension.
const LENGTH: u64 = 16;
const WORDS: [&str; 20] = [
    "the", "old", "house", "by", "a", "river", "was", "sold", "again", "for", "more", "than", "we", "thought", "it",
    "would", "bring", "last", "summer", "and",
];

impl Made<'_> {
    fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Text => Value::Text(self.text().into()),
            Type::Bytes => Value::Bytes(Arc::new((0..4096).map(|_| self.random.bits() as u8).collect())),
            Type::Image => Value::Image(self.picture()),
            Type::Audio => {
                let tone = |i: u32, noise: f32| (i as f32 * 0.05).sin() * 0.3 + noise * 0.1;
                let data = (0..RATE).map(|i| tone(i, self.unit() - 0.5)).collect();
                Value::Audio(Audio::Samples { rate: RATE, data: Arc::new(data) })
            }
            Type::Label(set) => Value::Label(self.random.bits() as u32 % self.labels(*set).max(1)),
            Type::Ranking(set) => {
                let count = self.labels(*set);
                Value::Ranking(Arc::new((0..count).map(|label| (label, 1.0 / (label + 1) as f32)).collect()))
            }
            Type::Option(inner) => Value::Option(Some(Arc::new(self.value(inner)))),
            Type::Result(inner) => Value::Result(Ok(Arc::new(self.value(inner)))),
            Type::List(inner, most) => {
                Value::List(Arc::new((0..LENGTH.min(*most)).map(|_| self.value(inner)).collect()))
            }
            Type::Record(fields) => Value::Record(Arc::new(fields.iter().map(|(_, ty)| self.value(ty)).collect())),
            Type::Tensor(dtype, dims) => Value::from_tensor(Arc::new(self.tensor(*dtype, dims))),
        }
    }

    fn labels(&self, set: u32) -> u32 {
        self.program.labels.get(set as usize).map_or(0, |labels| labels.len() as u32)
    }

    fn text(&mut self) -> String {
        let count = 12 + self.random.bits() as usize % 17;
        let words: Vec<&str> =
            (0..count).filter_map(|_| WORDS.get(self.random.bits() as usize % WORDS.len()).copied()).collect();
        words.join(" ")
    }

    /// Smooth shades with some noise, as photographs have them.
    fn picture(&mut self) -> Image {
        let tint = [self.unit(), self.unit(), self.unit()];
        let mut data = Vec::with_capacity((SIDE * SIDE * 3) as usize);
        for y in 0..SIDE {
            for x in 0..SIDE {
                for shade in tint {
                    let light = (x as f32 * 0.02 + shade * 6.0).sin() + (y as f32 * 0.03 + shade * 4.0).cos();
                    data.push((128.0 + light * 50.0 + self.unit() * 16.0) as u8);
                }
            }
        }
        Image::Pixels { width: SIDE, height: SIDE, channels: 3, data: Arc::new(data) }
    }

    fn tensor(&mut self, dtype: DType, dims: &[Dim]) -> Tensor {
        let length = |dim: &Dim| match dim {
            Dim::Is(n) => *n,
            Dim::UpTo(most) => LENGTH.min(*most),
            Dim::Any => LENGTH,
        };
        let shape: Vec<usize> = dims.iter().map(|dim| length(dim) as usize).collect();
        let count = shape.iter().product::<usize>();
        let mut units = (0..count).map(|_| self.unit());
        let data = match dtype {
            DType::Bool => Data::Bool(units.map(|x| x < 0.5).collect()),
            DType::U8 => Data::U8(units.map(|x| (x * 256.0) as u8).collect()),
            DType::I32 => Data::I32(units.map(|x| (x * 10.0) as i32).collect()),
            DType::I64 => Data::I64(units.map(|x| (x * 10.0) as i64).collect()),
            DType::F32 => Data::F32(units.collect()),
            DType::F64 => Data::F64(units.by_ref().map(f64::from).collect()),
        };
        Tensor { shape, data }
    }

    /// From 0 to 1, without 1.
    fn unit(&mut self) -> f32 {
        (self.random.bits() >> 40) as f32 / (1u64 << 24) as f32
    }
}
