//! Intervals and limits of a ratio of counts.

use super::{Z, binomial_cdf};
use crate::Interval;

/// Wilson's 95 % interval of `hits` among `samples`; everything from 0 to 1 where there is no sample.
pub fn wilson(hits: u64, samples: u64) -> Interval {
    if samples == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let n = samples as f64;
    let p = (hits.min(samples)) as f64 / n;
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At the ends the formula is exact but for the last bit.
    let low = if hits == 0 { 0.0 } else { ((middle - half) / scale).clamp(0.0, p) };
    let high = if hits >= samples { 1.0 } else { ((middle + half) / scale).clamp(p, 1.0) };
    Interval { low, high }
}

/// The one-sided lower limit of Clopper and Pearson: a true ratio below it would give so many hits or more with a probability
/// of at most `alpha`.
pub fn lower_limit(hits: u64, samples: u64, alpha: f64) -> f64 {
    if hits == 0 || samples == 0 {
        return 0.0;
    }
    let hits = hits.min(samples);
    // The chance of so many hits or more grows with the ratio.
    bisect(|p| 1.0 - binomial_cdf(hits - 1, samples, p) > alpha).0
}

/// The one-sided upper limit of Clopper and Pearson: a true ratio above it would give so few hits or fewer with a probability
/// of at most `alpha`.
pub fn upper_limit(hits: u64, samples: u64, alpha: f64) -> f64 {
    if hits >= samples {
        return 1.0;
    }
    bisect(|p| binomial_cdf(hits, samples, p) <= alpha).1
}

/// The two neighbours between 0 and 1 where `above`, false at first, becomes true.
fn bisect(above: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return (low, high);
        }
        if above(middle) { high = middle } else { low = middle }
    }
}

/// How many samples it takes, at the ratio `value`, for Wilson's interval to lie on one side of `bound`; `None` where the two are
/// equal or no ratios.
pub fn samples_needed(value: f64, bound: f64) -> Option<u64> {
    let ratio = |x: f64| (0.0..=1.0).contains(&x);
    if !ratio(value) || !ratio(bound) || value == bound {
        return None;
    }
    // Wilson's interval holds the ratios that the score test does not reject; this is that test, solved for the samples.
    let needed = (Z * Z * bound * (1.0 - bound) / (value - bound).powi(2)).ceil();
    (needed < 1e18).then_some((needed as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-10, "{a} is not {b}");
    }

    /// scipy 1.17.1: `binomtest(k, n).proportion_ci(0.95, "wilson")`.
    #[test]
    fn wilson_is_that_of_scipy() {
        for (hits, samples, low, high) in WILSON {
            let interval = wilson(hits, samples);
            near(interval.low, low);
            near(interval.high, high);
        }
    }

    /// scipy 1.17.1: `binomtest(k, n, alternative="greater").proportion_ci(1 - alpha, "exact").low`, and with "less" and `high`.
    #[test]
    fn one_sided_limits_are_those_of_scipy() {
        for (hits, samples, alpha, low, high) in LIMITS {
            near(lower_limit(hits, samples, alpha), low);
            near(upper_limit(hits, samples, alpha), high);
        }
    }

    #[test]
    fn so_many_samples_settle_it_and_one_less_does_not() {
        for (value, bound) in [(0.977, 0.97), (0.5, 0.6), (1.0, 0.99), (0.9, 0.3)] {
            let n = samples_needed(value, bound).unwrap();
            let settled = |n: f64| {
                let (middle, half) =
                    (value + Z * Z / (2.0 * n), Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt());
                let scale = 1.0 + Z * Z / n;
                (middle - half) / scale >= bound - 1e-12 || (middle + half) / scale <= bound + 1e-12
            };
            assert!(settled(n as f64) && (n == 1 || !settled(n as f64 - 1.0)), "{value} {bound} {n}");
        }
        assert_eq!(samples_needed(0.9, 0.9), None);
        assert_eq!(samples_needed(f64::NAN, 0.9), None);
        assert_eq!(samples_needed(0.977, 0.97), Some(2282));
    }

    #[test]
    fn nothing_seen_says_nothing() {
        assert_eq!(wilson(0, 0), Interval { low: 0.0, high: 1.0 });
        assert_eq!((lower_limit(0, 0, 0.05), upper_limit(0, 0, 0.05)), (0.0, 1.0));
    }

    const WILSON: [(u64, u64, f64, f64); 8] = [
        (0, 10, 0.0, 0.27753279986288926),
        (10, 10, 0.7224672001371109, 1.0),
        (1, 1, 0.20654931437723745, 1.0),
        (5, 10, 0.236593090512564, 0.7634069094874361),
        (1954, 2000, 0.9694587928717648, 0.9827123440219201),
        (1, 100000, 1.765247730378316e-06, 5.664709659040965e-05),
        (48, 50, 0.8653990931249297, 0.9889611156723802),
        (99999, 100000, 0.9999433529034095, 0.9999982347522695),
    ];

    const LIMITS: [(u64, u64, f64, f64, f64); 8] = [
        (5, 10, 0.05, 0.22244110100812897, 0.777558898991871),
        (1954, 2000, 0.05, 0.9706866253773311, 0.9822369327752549),
        (1954, 2000, 0.008333333333333333, 0.9676674512464175, 0.9842714901838394),
        (48, 50, 0.05, 0.8793858445776858, 0.9928462804686458),
        (50, 50, 0.05, 0.9418449208830241, 1.0),
        (0, 50, 0.05, 0.0, 0.05815507911697595),
        (999, 1000, 5e-05, 0.9875650254262095, 0.9999999499987198),
        (95000, 100000, 0.01, 0.9483738339402809, 0.951590543973737),
    ];
}
