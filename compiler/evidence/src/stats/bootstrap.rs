//! Intervals of any statistic, by resampling.

use super::SplitMix;
use crate::Interval;

/// How many resampled sets an interval is made of.
const SETS: usize = 2000;

/// The 95 % percentile interval of a statistic over `samples` samples. `statistic` computes it from the places of the samples of
/// a resampled set, each as often as it was drawn; sets for which it is not finite are left out. The draws depend on `seed`
/// alone. `None` where there are no samples or no finite value.
pub fn bootstrap(samples: usize, seed: u64, mut statistic: impl FnMut(&[usize]) -> f64) -> Option<Interval> {
    if samples == 0 {
        return None;
    }
    let mut random = SplitMix(seed);
    let mut drawn = vec![0; samples];
    let mut values = Vec::with_capacity(SETS);
    for _ in 0..SETS {
        drawn.iter_mut().for_each(|place| *place = random.below(samples));
        values.push(statistic(&drawn));
    }
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |q: f64| values.get((q * last as f64).round() as usize).copied();
    Some(Interval { low: at(0.025)?, high: at(0.975)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl FnMut(&[usize]) -> f64 {
        |drawn| drawn.iter().map(|place| values[*place]).sum::<f64>() / drawn.len() as f64
    }

    #[test]
    fn the_interval_of_a_mean_is_about_two_standard_errors() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let found = bootstrap(values.len(), 1, mean(&values)).unwrap();
        // The mean is 9.5, the standard error sqrt(33.25 / 400).
        let half = 1.96 * (33.25f64 / 400.0).sqrt();
        assert!((found.low - (9.5 - half)).abs() < 0.06 && (found.high - (9.5 + half)).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17)).collect();
        let of = |seed| bootstrap(values.len(), seed, mean(&values)).unwrap();
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn without_a_finite_value_there_is_no_interval() {
        assert_eq!(bootstrap(0, 1, |_| 1.0), None);
        assert_eq!(bootstrap(3, 1, |_| f64::NAN), None);
    }
}
