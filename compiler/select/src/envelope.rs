//! The choice at request time: which models are best for some weights, and for which.
//!
//! Each model has a vector of scaled terms, all smaller is better; for weights that are not negative, the model with the least
//! weighted sum is chosen. Only models on the lower hull of the vectors can be chosen. For two terms the whole table is a row of
//! models and the weights at which one gives way to the next; for more terms it is the vectors of the models on the hull.

use serde::Serialize;

/// The table of choices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Envelope {
    /// The models that are best for some weights, by their places: for two terms in the order of the first term's weight, from none
    /// to all; for more terms in their own order.
    pub models: Vec<usize>,
    pub table: Table,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// Two terms: the share of the first term's weight up to which each model is best, for all models but the last, rising. At
    /// such a share itself both are equally good, and the earlier one is taken.
    Breaks(Vec<f64>),
    /// The vectors of the models.
    Vectors(Vec<Vec<f64>>),
}

impl Envelope {
    /// The table over the vectors of models, one number for each term. A vector with a value that is not finite is that of a model
    /// that is never chosen; of models with the same vector the first is taken. Nothing where no model is left, or where the vectors
    /// are not all of one length, two or more.
    pub fn new(points: &[Vec<f64>]) -> Option<Envelope> {
        let terms = points.first()?.len();
        if terms < 2 || points.iter().any(|point| point.len() != terms) {
            return None;
        }
        let kept = undominated(points);
        if kept.is_empty() {
            return None;
        }
        Some(if terms == 2 { line(points, kept) } else { hull(points, &kept) })
    }

    /// The place of the best model for the weights, in time logarithmic in the number of models for two terms. Nothing where the
    /// weights are not as many as the terms, are negative or not finite, or are all 0.
    pub fn choose(&self, weights: &[f64]) -> Option<usize> {
        let total: f64 = weights.iter().sum();
        if !weights.iter().all(|weight| *weight >= 0.0) || !total.is_finite() || total <= 0.0 {
            return None;
        }
        let place = match (&self.table, weights) {
            (Table::Breaks(breaks), [first, _]) => {
                let share = first / total;
                breaks.partition_point(|end| *end < share)
            }
            (Table::Vectors(vectors), _) if vectors.first()?.len() == weights.len() => {
                let mut best = (0, f64::INFINITY);
                for (place, vector) in vectors.iter().enumerate() {
                    let sum = dot(vector, weights);
                    if sum < best.1 {
                        best = (place, sum);
                    }
                }
                best.0
            }
            _ => return None,
        };
        self.models.get(place).copied()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The places of finite vectors to which no other is at least as good by every term; of equal ones the first. Sorted by the vectors.
fn undominated(points: &[Vec<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..points.len()).filter(|place| points[*place].iter().all(|v| v.is_finite())).collect();
    let key = |place: &usize| points[*place].iter().map(|value| value + 0.0).collect::<Vec<f64>>();
    order.sort_by(|a, b| {
        let terms = key(a).into_iter().zip(key(b)).map(|(a, b)| a.total_cmp(&b));
        terms.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(a.cmp(b))
    });
    let mut kept: Vec<usize> = Vec::new();
    for place in order {
        // What is at least as good stands before.
        let useless = |other: &usize| points[*other].iter().zip(&points[place]).all(|(a, b)| a <= b);
        if !kept.iter().any(useless) {
            kept.push(place);
        }
    }
    kept
}

/// The lower hull of two terms. `kept` is sorted by the first term rising, so that the second one falls.
fn line(points: &[Vec<f64>], mut kept: Vec<usize>) -> Envelope {
    // From no weight of the first term to all of it.
    kept.reverse();
    let share = |from: usize, to: usize| {
        // Where share * first + (1 - share) * second is equal; both differences are above 0.
        let less_first = points[from][0] - points[to][0];
        let more_second = points[to][1] - points[from][1];
        // Halves, so that the sum of two large differences is still a number.
        (more_second / 2.0) / (less_first / 2.0 + more_second / 2.0)
    };
    let mut models: Vec<usize> = Vec::new();
    let mut breaks: Vec<f64> = Vec::new();
    for place in kept {
        while let Some(last) = models.last() {
            let at = share(*last, place);
            // The last one would give way before it is reached: it is never best.
            if breaks.last().is_none_or(|begin| at > *begin) {
                breaks.push(at);
                break;
            }
            breaks.pop();
            models.pop();
        }
        models.push(place);
    }
    Envelope { models, table: Table::Breaks(breaks) }
}

/// The vectors that are best for some weights.
fn hull(points: &[Vec<f64>], kept: &[usize]) -> Envelope {
    let mut models: Vec<usize> = kept.iter().copied().filter(|place| is_best_somewhere(points, kept, *place)).collect();
    models.sort_unstable();
    let vectors = models.iter().map(|place| points[*place].clone()).collect();
    Envelope { models, table: Table::Vectors(vectors) }
}

/// Whether there are weights for which no other vector has a smaller sum, by more than rounding.
///
/// A game: one side chooses weights that make the vector look good, the other side a mixture of the other vectors that beats it by every
/// term at once. It is solved by the simplex method: `maximize sum(y)` where for every term `sum(y * excess) <= 1`, with
/// all excesses moved above 0; its value is one over that sum.
fn is_best_somewhere(points: &[Vec<f64>], kept: &[usize], place: usize) -> bool {
    let own = &points[place];
    let others: Vec<&Vec<f64>> = kept.iter().filter(|other| **other != place).map(|other| &points[*other]).collect();
    let largest = others.iter().flat_map(|other| other.iter().zip(own).map(|(a, b)| (a - b).abs()));
    let scale = largest.fold(0.0, f64::max);
    if others.is_empty() || !scale.is_finite() || scale == 0.0 {
        return true;
    }
    let rows = own.len();
    let columns = others.len();
    // Between 1 and 3: moved by 2 and measured in the largest difference.
    let mut table: Vec<Vec<f64>> = (0..rows)
        .map(|row| {
            let excess = others.iter().map(|other| (other[row] - own[row]) / scale + 2.0);
            let slack = (0..rows).map(|other| if other == row { 1.0 } else { 0.0 });
            excess.chain(slack).chain([1.0]).collect()
        })
        .collect();
    let mut costs: Vec<f64> = (0..columns + rows + 1).map(|column| if column < columns { -1.0 } else { 0.0 }).collect();
    let mut basis: Vec<usize> = (columns..columns + rows).collect();
    // Bland's rule does not go round in circles; the bound is for rounding alone.
    for _ in 0..50 * (rows + columns) {
        let Some(enter) = (0..columns + rows).find(|column| costs[*column] < -1e-13) else { break };
        let ratio = |row: usize| table[row][columns + rows] / table[row][enter];
        let leaving = (0..rows).filter(|row| table[*row][enter] > 1e-13);
        let leave = leaving.min_by(|a, b| ratio(*a).total_cmp(&ratio(*b)).then(basis[*a].cmp(&basis[*b])));
        let Some(leave) = leave else { break };
        basis[leave] = enter;
        let pivot = table[leave][enter];
        table[leave].iter_mut().for_each(|value| *value /= pivot);
        let pivot = table[leave].clone();
        for row in (0..rows).filter(|row| *row != leave) {
            let factor = table[row][enter];
            table[row].iter_mut().zip(&pivot).for_each(|(value, own)| *value -= factor * own);
        }
        let factor = costs[enter];
        costs.iter_mut().zip(&pivot).for_each(|(value, own)| *value -= factor * own);
    }
    let sum = costs[columns + rows];
    // The value of the game, moved back: below 0, the others beat it whatever the weights.
    1.0 / sum - 2.0 >= -1e-12
}
