//! The identity of a data set: a hash of its samples, right answers and their order, however they were stored.

use mu_format::tensor::{Data, Tensor};
use mu_format::types::Type;
use mu_format::value::{Audio, Image, Value};
use sha2::{Digest, Sha256};

/// Hashes samples in their order. Pictures count by their pixels, sounds by their samples, labels by their spelling.
pub struct Identity<'a> {
    hash: Sha256,
    labels: &'a [Vec<String>],
}

impl<'a> Identity<'a> {
    pub fn new(labels: &'a [Vec<String>]) -> Identity<'a> {
        Identity { hash: Sha256::new(), labels }
    }

    /// Adds a value of a type. Pictures and sounds must be decoded.
    pub fn add(&mut self, value: &Value, ty: &Type) {
        match (value, ty) {
            (Value::Label(label), Type::Label(set)) => {
                let text = self.labels.get(*set as usize).and_then(|labels| labels.get(*label as usize));
                self.bytes(b'l', text.map_or("", String::as_str).as_bytes());
            }
            (Value::Ranking(ranking), Type::Ranking(set)) => {
                self.count(b'k', ranking.len());
                for (label, score) in ranking.iter() {
                    self.add(&Value::Label(*label), &Type::Label(*set));
                    self.hash.update(score.to_le_bytes());
                }
            }
            (Value::Option(value), Type::Option(inner)) => {
                self.count(b'o', usize::from(value.is_some()));
                value.iter().for_each(|value| self.add(value, inner));
            }
            (Value::Result(result), Type::Result(inner)) => match result {
                Ok(value) => {
                    self.count(b'r', 1);
                    self.add(value, inner);
                }
                Err(error) => self.bytes(b'e', error.as_bytes()),
            },
            (Value::List(values), Type::List(inner, _)) => {
                self.count(b'[', values.len());
                values.iter().for_each(|value| self.add(value, inner));
            }
            (Value::Record(values), Type::Record(fields)) => {
                self.count(b'{', values.len());
                values.iter().zip(fields).for_each(|(value, (_, ty))| self.add(value, ty));
            }
            (value, _) => self.leaf(value),
        }
    }

    /// In lower-case hexadecimal.
    pub fn finish(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn leaf(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.bytes(b't', text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(b'b', bytes),
            Value::Image(Image::Encoded(bytes)) | Value::Audio(Audio::Encoded(bytes)) => self.bytes(b'f', bytes),
            Value::Image(Image::Pixels { width, height, channels, data }) => {
                self.count(b'p', *width as usize);
                self.count(b'h', *height as usize);
                self.count(b'c', usize::from(*channels));
                self.bytes(b'd', data);
            }
            Value::Audio(Audio::Samples { rate, data }) => {
                self.count(b's', *rate as usize);
                self.count(b'n', data.len());
                data.iter().for_each(|x| self.hash.update(x.to_le_bytes()));
            }
            value => {
                if let Some(tensor) = value.to_tensor() {
                    self.tensor(&tensor);
                }
            }
        }
    }

    fn tensor(&mut self, tensor: &Tensor) {
        self.count(b'x', tensor.shape.len());
        tensor.shape.iter().for_each(|n| self.count(b'#', *n));
        self.bytes(b'y', tensor.dtype().name().as_bytes());
        match &tensor.data {
            Data::Bool(v) => v.iter().for_each(|x| self.hash.update([u8::from(*x)])),
            Data::U8(v) => self.hash.update(v),
            Data::I32(v) => v.iter().for_each(|x| self.hash.update(x.to_le_bytes())),
            Data::I64(v) => v.iter().for_each(|x| self.hash.update(x.to_le_bytes())),
            Data::F32(v) => v.iter().for_each(|x| self.hash.update(x.to_le_bytes())),
            Data::F64(v) => v.iter().for_each(|x| self.hash.update(x.to_le_bytes())),
        }
    }

    fn count(&mut self, tag: u8, n: usize) {
        self.hash.update([tag]);
        self.hash.update((n as u64).to_le_bytes());
    }

    /// With their number before them, so that no two sequences of values look alike.
    fn bytes(&mut self, tag: u8, bytes: &[u8]) {
        self.count(tag, bytes.len());
        self.hash.update(bytes);
    }
}
