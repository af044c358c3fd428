//! Constant tensors of a graph as numbers, and back.

use super::proto::{Tensor, elem};

impl Tensor {
    /// A tensor of f32; the product of `dims` is the number of elements.
    pub(super) fn floats(name: &str, dims: &[i64], data: &[f32]) -> Tensor {
        Tensor {
            name: Some(name.to_owned()),
            dims: dims.to_vec(),
            data_type: Some(elem::FLOAT),
            raw_data: Some(data.iter().flat_map(|x| x.to_le_bytes()).collect()),
            ..Tensor::default()
        }
    }

    /// A tensor of i64 in one dimension.
    pub(super) fn ints(name: &str, data: &[i64]) -> Tensor {
        Tensor {
            name: Some(name.to_owned()),
            dims: vec![data.len() as i64],
            data_type: Some(elem::INT64),
            raw_data: Some(data.iter().flat_map(|x| x.to_le_bytes()).collect()),
            ..Tensor::default()
        }
    }

    /// The number of elements; nothing where it cannot be.
    pub(super) fn count(&self) -> Option<usize> {
        self.dims.iter().try_fold(1usize, |n, dim| n.checked_mul(usize::try_from(*dim).ok()?))
    }

    pub(super) fn elem(&self) -> i32 {
        self.data_type.unwrap_or(0)
    }

    /// The elements as f32, of floats and of whole numbers up to 32 bits; nothing for other types, for data in another file and
    /// where the data has another size than the shape.
    pub(super) fn to_floats(&self) -> Option<Vec<f32>> {
        if self.data_location == Some(1) {
            return None;
        }
        let raw = self.raw_data.as_deref();
        let values: Vec<f32> = match (self.elem(), raw) {
            (elem::FLOAT, Some(raw)) => words(raw, f32::from_le_bytes)?,
            (elem::FLOAT, None) => self.float_data.clone(),
            (elem::DOUBLE, Some(raw)) => words(raw, |b| f64::from_le_bytes(b) as f32)?,
            (elem::DOUBLE, None) => self.double_data.iter().map(|x| *x as f32).collect(),
            (elem::FLOAT16, Some(raw)) => words(raw, |b| half(u16::from_le_bytes(b)))?,
            (elem::FLOAT16, None) => self.int32_data.iter().map(|x| half(*x as u16)).collect(),
            (elem::INT8, Some(raw)) => words(raw, |b| f32::from(i8::from_le_bytes(b)))?,
            (elem::UINT8, Some(raw)) => words(raw, |[b]| f32::from(b))?,
            (elem::INT32, Some(raw)) => words(raw, |b| i32::from_le_bytes(b) as f32)?,
            (elem::INT8 | elem::UINT8 | elem::INT32, None) => self.int32_data.iter().map(|x| *x as f32).collect(),
            _ => return None,
        };
        (Some(values.len()) == self.count()).then_some(values)
    }

    /// The elements as i64, of i32 and i64.
    pub(super) fn to_ints(&self) -> Option<Vec<i64>> {
        if self.data_location == Some(1) {
            return None;
        }
        let values: Vec<i64> = match (self.elem(), self.raw_data.as_deref()) {
            (elem::INT64, Some(raw)) => words(raw, i64::from_le_bytes)?,
            (elem::INT64, None) => self.int64_data.clone(),
            (elem::INT32, Some(raw)) => words(raw, |b| i64::from(i32::from_le_bytes(b)))?,
            (elem::INT32, None) => self.int32_data.iter().map(|x| i64::from(*x)).collect(),
            _ => return None,
        };
        (Some(values.len()) == self.count()).then_some(values)
    }
}

fn words<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (words, rest) = raw.as_chunks::<N>();
    rest.is_empty().then(|| words.iter().map(|word| read(*word)).collect())
}

/// A number of 16 bits (IEEE 754 binary16), which f32 holds exactly.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f32::from(bits & 0x3ff);
    match bits >> 10 & 0x1f {
        0 => sign * fraction * 2f32.powi(-24),
        0x1f if fraction == 0.0 => sign * f32::INFINITY,
        0x1f => f32::NAN,
        exponent => sign * (1.0 + fraction / 1024.0) * 2f32.powi(i32::from(exponent) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves_are_widened_exactly() {
        let cases = [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x3555, 0.333_251_95),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value);
        }
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert!(half(0x7e00).is_nan());
    }
}
