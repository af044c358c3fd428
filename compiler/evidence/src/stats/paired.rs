//! Two models on the same samples.

use super::{Z, binomial_cdf};
use crate::Interval;

/// On how many samples each of two models was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paired {
    pub both: u64,
    pub only_first: u64,
    pub only_second: u64,
    pub neither: u64,
}

impl Paired {
    pub fn samples(&self) -> u64 {
        self.both + self.only_first + self.only_second + self.neither
    }
}

/// McNemar's test in its exact form, for any number of samples: the probability that, were both models equally good, the samples
/// on which just one of them is right (`b` the one, `c` the other) fell apart at least so unevenly. Two-sided.
pub fn mcnemar(b: u64, c: u64) -> f64 {
    if b == c {
        return 1.0;
    }
    (2.0 * binomial_cdf(b.min(c), b + c, 0.5)).min(1.0)
}

/// How much more often the first model is right than the second, and the 95 % interval of that by Bonett and Price: Wald's for
/// paired ratios, with one more sample in each of the two unequal cells.
pub fn difference(paired: &Paired) -> (f64, Interval) {
    let n = paired.samples() as f64;
    if n == 0.0 {
        return (0.0, Interval { low: -1.0, high: 1.0 });
    }
    let value = (paired.only_first as f64 - paired.only_second as f64) / n;
    let (first, second) = ((paired.only_first + 1) as f64 / (n + 2.0), (paired.only_second + 1) as f64 / (n + 2.0));
    let half = Z * ((first + second - (first - second).powi(2)) / (n + 2.0)).sqrt();
    (value, Interval { low: (first - second - half).max(-1.0), high: (first - second + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `binomtest(b, b + c, 0.5).pvalue`.
    #[test]
    fn mcnemar_is_the_exact_binomial_test_of_scipy() {
        for (b, c, p) in MCNEMAR {
            assert!((mcnemar(b, c) - p).abs() < 1e-10 * p.max(1e-3), "{b} {c}: {} is not {p}", mcnemar(b, c));
        }
        assert_eq!(mcnemar(0, 0), 1.0);
    }

    #[test]
    fn the_interval_of_the_difference_holds_it_and_shrinks_with_more_samples() {
        let of = |times: u64| {
            let paired = Paired { both: 90 * times, only_first: 6 * times, only_second: 2 * times, neither: 2 * times };
            difference(&paired)
        };
        let ((value, few), (_, many)) = (of(1), of(100));
        assert!((value - 0.04).abs() < 1e-12 && few.low < value && value < few.high && few.low < 0.0);
        assert!(many.low > 0.0 && many.high - many.low < 0.15 * (few.high - few.low));
        assert_eq!(difference(&Paired::default()).0, 0.0);
    }

    const MCNEMAR: [(u64, u64, f64); 7] = [
        (1, 0, 1.0),
        (10, 2, 0.03857421875),
        (2, 10, 0.03857421875),
        (40, 60, 0.05688793364098089),
        (500, 400, 0.0009564441369189373),
        (7, 7, 1.0),
        (3, 30, 1.4011748135089874e-06),
    ];
}
