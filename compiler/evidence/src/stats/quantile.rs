//! Quantiles and how sure they are, without an assumption on the distribution.

use super::binomial_cdf;
use crate::Quantile;

/// What may lie outside at each end of an interval.
const TAIL: f64 = 0.025;

/// The quantile `q` (0.95 is the 95th percentile) of numbers that stand in ascending order: the smallest one that is at least as
/// large as a share `q` of them, and the order statistics between which the true quantile lies with 95 %. An end is the value
/// itself where the numbers are too few to tell. `None` where there are none.
pub fn order_interval(sorted: &[f64], q: f64) -> Option<Quantile> {
    let n = sorted.len() as u64;
    let rank = ((q * n as f64).ceil() as u64).clamp(1, n.max(1));
    let at = |rank: u64| sorted.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied();
    let value = at(rank)?;
    // The number at a rank lies above the quantile where fewer numbers than the rank lie below it, and below it where at least
    // so many do: both counts are binomial.
    let low = last(1, rank, |rank| binomial_cdf(rank - 1, n, q) <= TAIL).and_then(at);
    let high = first(rank, n, |rank| 1.0 - binomial_cdf(rank - 1, n, q) <= TAIL).and_then(at);
    Some(Quantile { value, low: low.unwrap_or(value), high: high.unwrap_or(value) })
}

/// The last of `from..=to` for which `holds`, which holds for the first ones.
fn last(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    first(from, to + 1, |rank| rank > to || !holds(rank))?.checked_sub(1).filter(|rank| *rank >= from)
}

/// The first of `from..=to` for which `holds`, which holds for the last ones.
fn first(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (from, to + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    (low <= to).then_some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(n: u32, q: f64) -> (f64, f64, f64) {
        let sorted: Vec<f64> = (1..=n).map(f64::from).collect();
        let found = order_interval(&sorted, q).unwrap();
        (found.low, found.value, found.high)
    }

    /// scipy 1.17.1: the largest rank `l` with `binom.cdf(l - 1, n, q) <= 0.025` and the smallest `u` with
    /// `binom.sf(u - 1, n, q) <= 0.025`.
    #[test]
    fn the_ends_are_the_ranks_of_scipy() {
        for (n, q, low, high) in RANKS {
            let (found_low, value, found_high) = ranks(n, q);
            assert_eq!((found_low, found_high), (low, high), "{n} {q}");
            assert!(found_low <= value && value <= found_high);
        }
    }

    #[test]
    fn an_end_is_the_value_itself_where_the_numbers_are_too_few() {
        assert_eq!(ranks(1, 0.5), (1.0, 1.0, 1.0));
        let (low, value, high) = ranks(20, 0.95);
        assert!(low < value && high == value);
        assert_eq!(order_interval(&[], 0.5), None);
    }

    const RANKS: [(u32, f64, f64, f64); 6] = [
        (1000, 0.95, 936.0, 964.0),
        (5000, 0.99, 4936.0, 4964.0),
        (100, 0.5, 40.0, 61.0),
        (59, 0.95, 52.0, 57.0),
        (100, 0.95, 90.0, 100.0),
        (10000, 0.5, 4902.0, 5099.0),
    ];
}
