//! Holds outputs against reference outputs.

use crate::data::cell::numbers;
use mu_format::tensor::Tensor;
use serde::Serialize;

/// How far two outputs are from each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    pub output: String,
    /// The largest absolute difference; infinite where one is no number and the other is, or where a shape differs.
    pub largest: f64,
    /// What was allowed: a share of the range of the reference.
    pub allowed: f64,
    /// Where the largest difference is, the sample first.
    pub place: Vec<usize>,
    pub reference: f64,
    pub ours: f64,
    /// Rows in which the largest element is the same, of all rows.
    pub agreeing: (u64, u64),
}

impl Difference {
    pub fn is_over(&self) -> bool {
        self.largest > self.allowed
    }
}

/// Compares an output over all samples: pairs of reference and ours. `share` is the part of the reference's range that is allowed.
/// `shift` takes out what is added to a whole row, which a softmax does not see; `least` is allowed in any case.
pub(super) fn compare(output: &str, pairs: &[(&Tensor, &Tensor)], share: f64, shift: bool, least: f64) -> Difference {
    let numbers: Vec<(Vec<f64>, Vec<f64>)> = pairs.iter().map(|(a, b)| (numbers(&a.data), numbers(&b.data))).collect();
    let finite = || numbers.iter().flat_map(|(reference, _)| reference).copied().filter(|x| x.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let size = finite().fold(0.0, |size: f64, x| size.max(x.abs()));
    let range = if low <= high { (high - low).max(size * 1e-2) } else { 0.0 };
    let allowed = (range * share).max(least);
    let mut found = Difference {
        output: output.to_owned(),
        largest: 0.0,
        allowed,
        place: Vec::new(),
        reference: 0.0,
        ours: 0.0,
        agreeing: (0, 0),
    };
    for (sample, ((a, b), (reference, ours))) in pairs.iter().zip(&numbers).enumerate() {
        if a.shape != b.shape {
            found.largest = f64::INFINITY;
            found.place = vec![sample];
            continue;
        }
        let row = a.shape.last().copied().unwrap_or(1).max(1);
        for (r, (reference, ours)) in reference.chunks(row).zip(ours.chunks(row)).enumerate() {
            found.agreeing.1 += 1;
            found.agreeing.0 += u64::from(best(reference) == best(ours));
            let shift = if shift { row_shift(reference, ours) } else { 0.0 };
            for (i, (x, y)) in reference.iter().zip(ours).enumerate() {
                let difference = apart(*x, *y - shift);
                if difference > found.largest {
                    found.largest = difference;
                    found.place = [vec![sample], place(&a.shape, r * row + i)].concat();
                    (found.reference, found.ours) = (*x, *y);
                }
            }
        }
    }
    found
}

/// What lies between two numbers; nothing between two that are not numbers alike.
fn apart(x: f64, y: f64) -> f64 {
    if x == y || x.is_nan() && y.is_nan() {
        0.0
    } else if x.is_finite() && y.is_finite() {
        (x - y).abs()
    } else {
        f64::INFINITY
    }
}

fn row_shift(reference: &[f64], ours: &[f64]) -> f64 {
    let shift = ours.iter().zip(reference).map(|(y, x)| y - x).sum::<f64>() / reference.len() as f64;
    if shift.is_finite() { shift } else { 0.0 }
}

fn best(row: &[f64]) -> Option<usize> {
    (0..row.len()).reduce(|best, i| if row[i] > row[best] { i } else { best })
}

fn place(shape: &[usize], mut at: usize) -> Vec<usize> {
    let mut place = Vec::new();
    for size in shape.iter().rev() {
        place.push(at % size.max(&1));
        at /= size.max(&1);
    }
    place.reverse();
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use mu_format::tensor::Data;

    fn row(values: &[f32]) -> Tensor {
        Tensor { shape: vec![1, values.len()], data: Data::F32(values.to_vec()) }
    }

    #[test]
    fn the_largest_difference_is_told_with_its_place() {
        let (a, b) = (row(&[0.0, 1.0, 2.0]), row(&[0.0, 1.5, 2.0]));
        let found = compare("y", &[(&a, &a), (&a, &b)], 1e-3, false, 1e-9);
        assert_eq!((found.largest, found.place.as_slice(), found.is_over()), (0.5, &[1, 0, 1][..], true));
        assert_eq!(found.agreeing, (2, 2));
        assert!(!compare("y", &[(&a, &a)], 1e-3, false, 1e-9).is_over());
    }

    #[test]
    fn what_is_no_number_must_be_none_on_both_sides() {
        let (nan, one) = (row(&[f32::NAN, 1.0]), row(&[0.0, 1.0]));
        assert!(!compare("y", &[(&nan, &nan)], 1e-3, false, 1e-9).is_over());
        assert_eq!(compare("y", &[(&nan, &one)], 1e-3, false, 1e-9).largest, f64::INFINITY);
        assert_eq!(compare("y", &[(&one, &row(&[1.0]))], 1e-3, false, 1e-9).largest, f64::INFINITY);
    }

    #[test]
    fn a_shift_of_a_row_is_not_seen_by_a_softmax() {
        let (a, b) = (row(&[0.0, 1.0]), row(&[5.0, 6.0]));
        assert!(compare("y", &[(&a, &b)], 1e-3, false, 1e-9).is_over());
        assert!(!compare("y", &[(&a, &b)], 1e-3, true, 1e-9).is_over());
    }
}
