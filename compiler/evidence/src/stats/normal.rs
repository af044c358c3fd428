//! Limits of a figure that is no ratio of counts, from the width of its interval.

use super::Z;
use crate::Interval;

/// One-sided limits of a figure with the 95 % interval `interval`: a true value below `low` (or, for itself, above `high`) is
/// excluded with an error of `alpha`, if the figure is distributed normally. Infinite where `alpha` is 0.
pub fn normal_limits(value: f64, interval: Interval, alpha: f64) -> Interval {
    // The standard error is told from each side by itself, since a resampled interval need not be symmetric.
    let z = std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * alpha.clamp(0.0, 0.5));
    let (below, above) = ((value - interval.low) / Z, (interval.high - value) / Z);
    Interval { low: value - z * below, high: value + z * above }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_a_half_per_cent_is_the_interval_and_less_is_wider() {
        let interval = Interval { low: 0.4, high: 0.55 };
        let same = normal_limits(0.5, interval, 0.025);
        assert!((same.low - 0.4).abs() < 1e-9 && (same.high - 0.55).abs() < 1e-9, "{same:?}");
        // scipy 1.17.1: norm.isf(0.05) / norm.isf(0.025) = 0.8392...
        let half = normal_limits(0.5, interval, 0.05);
        assert!((half.low - (0.5 - 0.1 * 0.839_226_5)).abs() < 1e-6, "{half:?}");
        assert!(normal_limits(0.5, interval, 0.001).low < 0.4);
    }
}
