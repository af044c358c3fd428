//! Inputs that a model may well be given: made up from the tensors' types, their names and the operators they go into. The same
//! model gets the same inputs every time.

use super::Sample;
use mu_evidence::stats::SplitMix;
use mu_format::tensor::{DType, Data, Tensor};
use mu_onnx::edit::Hint;
use std::collections::BTreeMap;

/// An input with its shape for one sample.
pub(super) struct Wanted<'a> {
    pub name: &'a str,
    pub dtype: DType,
    pub shape: Vec<usize>,
}

/// Sample number `number` for the inputs.
pub(super) fn sample(wanted: &[Wanted], hints: &BTreeMap<String, Hint>, number: u64) -> Sample {
    let mut random = SplitMix(0x6d75_6c61_6d62_6461 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let make = |w: &Wanted| (w.name.to_owned(), tensor(w, hints.get(w.name), number, &mut random));
    wanted.iter().map(make).collect()
}

fn tensor(wanted: &Wanted, hint: Option<&Hint>, number: u64, random: &mut SplitMix) -> Tensor {
    let count = wanted.shape.iter().product();
    let columns = wanted.shape.last().copied().unwrap_or(1).max(1);
    let values: Vec<f64> = (0..count).map(|i| value(wanted, hint, i % columns, number, random)).collect();
    let data = match wanted.dtype {
        DType::Bool => Data::Bool(values.iter().map(|x| *x >= 0.5).collect()),
        DType::U8 => Data::U8(values.iter().map(|x| *x as u8).collect()),
        DType::I32 => Data::I32(values.iter().map(|x| *x as i32).collect()),
        DType::I64 => Data::I64(values.iter().map(|x| *x as i64).collect()),
        DType::F32 => Data::F32(values.iter().map(|x| *x as f32).collect()),
        DType::F64 => Data::F64(values),
    };
    Tensor { shape: wanted.shape.clone(), data }
}

fn value(wanted: &Wanted, hint: Option<&Hint>, column: usize, number: u64, random: &mut SplitMix) -> f64 {
    let at = |numbers: &[f32]| f64::from(numbers.get(column).or(numbers.first()).copied().unwrap_or(0.0));
    match hint {
        Some(Hint::Below(end)) => (random.unit() * *end as f64).floor(),
        Some(Hint::Within(low, high)) => f64::from(*low) + random.unit() * f64::from(high - low),
        Some(Hint::Around { middle, spread }) => at(middle) + at(spread) * normal(random),
        Some(Hint::Compared(thresholds)) => {
            let thresholds = thresholds.get(column).map_or(&[][..], Vec::as_slice);
            let (Some(first), Some(last)) = (thresholds.first(), thresholds.last()) else { return normal(random) };
            let near = thresholds[(random.unit() * thresholds.len() as f64) as usize % thresholds.len()];
            let width = f64::from(last - first).abs().max(1.0);
            // Now and then a threshold itself: which side it is on must be the same.
            if random.unit() < 0.2 { f64::from(near) } else { f64::from(near) + (random.unit() - 0.5) * width * 0.5 }
        }
        None if wanted.dtype.is_float() => match number % 3 {
            0 => random.unit(),
            1 => normal(random),
            _ => normal(random) * 3.0,
        },
        None if wanted.dtype == DType::U8 => (random.unit() * 256.0).floor(),
        None => by_name(wanted, random),
    }
}

/// Whole numbers that nothing is known of but their name.
fn by_name(wanted: &Wanted, random: &mut SplitMix) -> f64 {
    let name = wanted.name.to_ascii_lowercase();
    if name.contains("mask") {
        1.0
    } else if name.contains("type") || name.contains("segment") {
        0.0
    } else if wanted.shape.is_empty() && (name == "sr" || name.contains("rate")) {
        16000.0
    } else {
        (random.unit() * 2.0).floor()
    }
}

/// Nearly normal, with a deviation of one: the sum of twelve numbers from 0 to 1.
fn normal(random: &mut SplitMix) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}
