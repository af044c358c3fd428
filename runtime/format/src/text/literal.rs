//! Literal values in the text form. Reading is directed by the type.

use super::parse::{Parser, TextError};
use super::print::{listed, quoted};
use crate::tensor::{DType, Data, Tensor};
use crate::types::Type;
use crate::value::{Audio, Image, Value};
use std::fmt::Write;
use std::sync::Arc;

/// The shortest spelling that reads back to the same bits; always with a point, an exponent or a word, unlike a whole number.
pub(super) fn f64_text(x: f64) -> String {
    if x.is_nan() && x.to_bits() != f64::NAN.to_bits() {
        format!("nan({})", x.to_bits())
    } else {
        spelled(format!("{x:?}"))
    }
}

fn f32_text(x: f32) -> String {
    if x.is_nan() && x.to_bits() != f32::NAN.to_bits() {
        format!("nan({})", x.to_bits())
    } else {
        spelled(format!("{x:?}"))
    }
}

fn spelled(text: String) -> String {
    if text == "NaN" { "nan".to_string() } else { text }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len() + 3);
    out.push_str("x\"");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
    out
}

fn elements(data: &Data) -> String {
    match data {
        Data::Bool(v) => listed(v),
        Data::U8(v) => listed(v),
        Data::I32(v) => listed(v),
        Data::I64(v) => listed(v),
        Data::F32(v) => listed(v.iter().map(|x| f32_text(*x))),
        Data::F64(v) => listed(v.iter().map(|x| f64_text(*x))),
    }
}

pub(super) fn print(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::I64(n) => n.to_string(),
        Value::F32(x) => f32_text(*x),
        Value::F64(x) => f64_text(*x),
        Value::Tensor(tensor) if tensor.shape.is_empty() => elements(&tensor.data),
        Value::Tensor(tensor) => format!("tensor[{}]({})", listed(&tensor.shape), elements(&tensor.data)),
        Value::Text(text) => quoted(text),
        Value::Bytes(bytes) => hex(bytes),
        Value::Image(Image::Encoded(bytes)) | Value::Audio(Audio::Encoded(bytes)) => format!("encoded {}", hex(bytes)),
        Value::Image(Image::Pixels { width, height, channels, data }) => {
            format!("pixels[{width}, {height}, {channels}] {}", hex(data))
        }
        Value::Audio(Audio::Samples { rate, data }) => {
            format!("samples[{rate}]({})", listed(data.iter().map(|x| f32_text(*x))))
        }
        Value::Label(index) => format!("#{index}"),
        Value::Ranking(ranking) => {
            format!("[{}]", listed(ranking.iter().map(|(label, score)| format!("#{label}: {}", f32_text(*score)))))
        }
        Value::Option(Some(value)) => format!("some {}", print(value)),
        Value::Option(None) => "none".to_string(),
        Value::Result(Ok(value)) => format!("ok {}", print(value)),
        Value::Result(Err(error)) => format!("err {}", quoted(error)),
        Value::List(list) => format!("[{}]", listed(list.iter().map(print))),
        Value::Record(fields) => format!("{{{}}}", listed(fields.iter().map(print))),
    }
}

impl Parser<'_> {
    /// A literal of the given type.
    pub(super) fn value(&mut self, ty: &Type) -> Result<Value, TextError> {
        Ok(match ty {
            Type::Tensor(DType::Bool, dims) if dims.is_empty() => Value::Bool(self.bool()?),
            Type::Tensor(DType::I64, dims) if dims.is_empty() => Value::I64(self.number()?),
            Type::Tensor(DType::F32, dims) if dims.is_empty() => Value::F32(self.f32()?),
            Type::Tensor(DType::F64, dims) if dims.is_empty() => Value::F64(self.f64()?),
            Type::Tensor(dtype, dims) if dims.is_empty() => {
                let data = self.elements(*dtype, 1)?;
                Value::Tensor(Arc::new(Tensor { shape: Vec::new(), data }))
            }
            Type::Tensor(dtype, _) => {
                self.word("tensor")?;
                let shape: Vec<usize> = self.list("[", "]", Parser::number)?;
                self.punct("(")?;
                let count = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
                let count = count.ok_or_else(|| self.error("the shape is too large"))?;
                let data = self.elements(*dtype, count)?;
                self.punct(")")?;
                Value::Tensor(Arc::new(Tensor { shape, data }))
            }
            Type::Text => Value::Text(self.text()?.into()),
            Type::Bytes => Value::Bytes(Arc::new(self.bytes()?)),
            Type::Image if self.take_word("pixels") => {
                let size: Vec<u32> = self.list("[", "]", Parser::number)?;
                let data = Arc::new(self.bytes()?);
                let &[width, height, channels] = size.as_slice() else {
                    return Err(self.error("pixels have a width, a height and a number of channels"));
                };
                let channels = u8::try_from(channels).map_err(|_| self.error("too many channels"))?;
                Value::Image(Image::Pixels { width, height, channels, data })
            }
            Type::Image => {
                self.word("encoded")?;
                Value::Image(Image::Encoded(Arc::new(self.bytes()?)))
            }
            Type::Audio if self.take_word("samples") => {
                self.punct("[")?;
                let rate = self.number()?;
                self.punct("]")?;
                let data = Arc::new(self.list("(", ")", Parser::f32)?);
                Value::Audio(Audio::Samples { rate, data })
            }
            Type::Audio => {
                self.word("encoded")?;
                Value::Audio(Audio::Encoded(Arc::new(self.bytes()?)))
            }
            Type::Label(_) => {
                self.punct("#")?;
                Value::Label(self.number()?)
            }
            Type::Ranking(_) => Value::Ranking(Arc::new(self.list("[", "]", |p| {
                p.punct("#")?;
                let label = p.number()?;
                p.punct(":")?;
                Ok((label, p.f32()?))
            })?)),
            Type::Option(_) if self.take_word("none") => Value::Option(None),
            Type::Option(inner) => {
                self.word("some")?;
                Value::Option(Some(Arc::new(self.value(inner)?)))
            }
            Type::Result(_) if self.take_word("err") => Value::Result(Err(self.text()?.into())),
            Type::Result(inner) => {
                self.word("ok")?;
                Value::Result(Ok(Arc::new(self.value(inner)?)))
            }
            Type::List(element, _) => Value::List(Arc::new(self.list("[", "]", |p| p.value(element))?)),
            Type::Record(fields) => {
                self.punct("{")?;
                let mut values = Vec::with_capacity(fields.len());
                for (i, (_, ty)) in fields.iter().enumerate() {
                    if i > 0 {
                        self.punct(",")?;
                    }
                    values.push(self.value(ty)?);
                }
                self.punct("}")?;
                Value::Record(Arc::new(values))
            }
        })
    }

    fn bool(&mut self) -> Result<bool, TextError> {
        if self.take_word("true") {
            return Ok(true);
        }
        self.word("false").map(|()| false)
    }

    /// Exactly `count` elements, separated by commas.
    fn elements(&mut self, dtype: DType, count: usize) -> Result<Data, TextError> {
        Ok(match dtype {
            DType::Bool => Data::Bool(self.exactly(count, Parser::bool)?),
            DType::U8 => Data::U8(self.exactly(count, Parser::number)?),
            DType::I32 => Data::I32(self.exactly(count, Parser::number)?),
            DType::I64 => Data::I64(self.exactly(count, Parser::number)?),
            DType::F32 => Data::F32(self.exactly(count, Parser::f32)?),
            DType::F64 => Data::F64(self.exactly(count, Parser::f64)?),
        })
    }

    fn exactly<T>(
        &mut self,
        count: usize,
        item: impl Fn(&mut Self) -> Result<T, TextError>,
    ) -> Result<Vec<T>, TextError> {
        let mut items = Vec::new();
        for i in 0..count {
            if i > 0 {
                self.punct(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }
}
