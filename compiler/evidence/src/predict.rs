//! What a call takes where the processor is limited to another share than it was measured at: from the distribution of its
//! processor time, by the rules that Linux limits by ([`crate::throttle`]). It says nothing of another processor.

use crate::record::{PERCENTILES, Profile};
use crate::throttle::{TICK, Throttle};
use serde::Serialize;

/// The time of a call in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Predicted {
    pub mean: f64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

/// How calls follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// One after another: a call also waits for the processor time that calls before it overran.
    BackToBack,
    /// With pauses longer than a period between them, at any moment of the period: each finds a full quota.
    Spaced,
}

/// The time of a call at a share of a processor, each `period` seconds long, with pauses between calls: on Lambda an
/// environment has one request at a time and stands between them.
///
/// One thread runs a call, so more than one processor is as good as one.
pub fn predict(profile: &Profile, share: f64, period: f64) -> Predicted {
    predict_at(profile, share, period, Pace::Spaced)
}

/// As [`predict`], for either pace.
pub fn predict_at(profile: &Profile, share: f64, period: f64, pace: Pace) -> Predicted {
    let period = nanoseconds(period);
    let known = match pace {
        Pace::Spaced if !profile.spaced_demand.is_empty() => &profile.spaced_demand,
        _ => &profile.demand,
    };
    let demand = |i: u64| at(known, weyl(i, STEPS[0]));
    if !(share > 0.0 && share < 1.0) || period == 0 {
        return summary((0..CALLS).map(demand).collect());
    }
    let mean = (0..CALLS).map(demand).sum::<i64>() as f64 / CALLS as f64;
    let mut throttle = Throttle::new(share, period);
    // Long calls run through many periods each, and differ little: fewer of them tell as much.
    let periods = mean / (share * period as f64);
    match pace {
        Pace::Spaced => {
            let calls = (PERIODS as f64 / periods.max(1e-9)).clamp(64.0, CALLS as f64) as u64;
            let times = (0..calls).map(|i| {
                throttle.pause(part(period, weyl(i, STEPS[1])), part(TICK, weyl(i, STEPS[2])));
                throttle.run(demand(i))
            });
            summary(times.collect())
        }
        Pace::BackToBack => {
            let calls = (PERIODS as f64 / periods.max(1e-9)).clamp(64.0, MOST_CALLS as f64) as u64;
            let mut last = throttle.now();
            let times = (0..calls).map(|i| {
                if i % (calls / PHASES) == 0 {
                    throttle.shift(part(TICK, weyl(i, STEPS[2])));
                }
                let end = throttle.run(demand(i));
                end - std::mem::replace(&mut last, end)
            });
            summary(times.collect())
        }
    }
}

/// Calls that are played through where they are short.
const CALLS: u64 = 1000;
/// Calls back to back, of which only few meet the end of the quota.
const MOST_CALLS: u64 = 200_000;
/// About how many periods are played through.
const PERIODS: u64 = 4000;
/// How often the ticks move against the periods.
const PHASES: u64 = 16;

/// Steps that fill the unit cube evenly: the powers of the inverse of the root of x⁴ = x + 1.
const STEPS: [f64; 3] = [0.819_172_513_396_164_4, 0.671_043_606_703_789_3, 0.549_700_477_901_970_3];

fn weyl(i: u64, step: f64) -> f64 {
    (0.5 + i as f64 * step).fract()
}

fn part(whole: i64, share: f64) -> i64 {
    (whole as f64 * share) as i64
}

fn nanoseconds(seconds: f64) -> i64 {
    (seconds * 1e9).clamp(0.0, 1e15) as i64
}

/// The processor time of a call at a place between the fastest (0) and the slowest (1), in nanoseconds, at least one.
fn at(demand: &[f64], place: f64) -> i64 {
    let percent = place * 100.0;
    let after = PERCENTILES.partition_point(|p| *p <= percent).clamp(1, PERCENTILES.len() - 1);
    let known = |i: usize| Some((*PERCENTILES.get(i)?, *demand.get(i)?));
    let (Some((p0, low)), Some((p1, high))) = (known(after - 1), known(after)) else { return 1 };
    nanoseconds(low + (high - low) * (percent - p0) / (p1 - p0)).max(1)
}

fn summary(mut times: Vec<i64>) -> Predicted {
    times.sort_unstable();
    let at = |q: f64| times.get((times.len() as f64 * q) as usize).map_or(0.0, |time| *time as f64 * 1e-9);
    let mean = times.iter().sum::<i64>() as f64 / times.len().max(1) as f64 * 1e-9;
    Predicted { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::{Latency, Platform, Quantile};

    const PERIOD: f64 = 0.02;

    /// A profile of calls that all take about `demand` seconds.
    pub(crate) fn profile(demand: f64) -> Profile {
        let quantile = Quantile { value: demand, low: demand, high: demand };
        Profile {
            platform: Platform { name: "p".into(), machine: "m".into(), arch: "x86_64".into(), features: Vec::new() },
            share: 1.0,
            period: 0.0,
            runtime: "r".into(),
            inputs: "i".into(),
            date: "2026-11-21".into(),
            processes: 5,
            calls: 1000,
            load: 0.01,
            first: demand,
            latency: Latency { mean: demand, p50: quantile, p95: quantile, p99: quantile },
            spaced: None,
            spaced_demand: Vec::new(),
            demand: PERCENTILES.iter().map(|p| demand * (0.99 + p * 2e-4)).collect(),
            memory: 1 << 20,
            size: 1 << 10,
        }
    }

    #[test]
    fn a_whole_processor_or_more_takes_the_demand() {
        for share in [1.0, 2.0, 6.0] {
            let predicted = predict(&profile(0.003), share, PERIOD);
            assert!((predicted.p50 / 0.003 - 1.0).abs() < 0.01, "{predicted:?}");
        }
    }

    #[test]
    fn the_mean_of_calls_back_to_back_is_the_demand_over_the_share() {
        for demand in [0.00002, 0.0007, 0.004, 0.03, 0.3] {
            for share in [0.1, 0.25, 0.5, 0.75] {
                let predicted = predict_at(&profile(demand), share, PERIOD, Pace::BackToBack);
                let expected = demand / share;
                assert!((predicted.mean / expected - 1.0).abs() < 0.05, "{demand} at {share}: {predicted:?}");
            }
        }
    }

    #[test]
    fn short_spaced_calls_are_not_slowed_and_short_calls_back_to_back_only_now_and_then() {
        let short = profile(0.0005);
        let spaced = predict(&short, 0.25, PERIOD);
        assert!(spaced.p99 < 0.00052, "{spaced:?}");
        let busy = predict_at(&short, 0.25, PERIOD, Pace::BackToBack);
        assert!(busy.p50 < 0.00052 && busy.p95 > 0.005, "{busy:?}");
    }

    #[test]
    fn more_of_a_processor_is_never_slower() {
        for demand in [0.0005, 0.008, 0.05] {
            let means: Vec<f64> =
                (1..=20).map(|i| predict(&profile(demand), f64::from(i) * 0.05, PERIOD).mean).collect();
            assert!(means.windows(2).all(|pair| pair[1] <= pair[0] * 1.02), "{means:?}");
        }
    }

    #[test]
    fn shares_and_demands_that_make_no_sense_give_figures_all_the_same() {
        let mut odd = profile(0.001);
        odd.demand = vec![f64::MAX; 3];
        for share in [f64::NAN, -1.0, 0.0, 1e-12] {
            let predicted = predict(&profile(0.001), share, PERIOD);
            assert!(predicted.mean.is_finite());
        }
        assert!(predict(&odd, 1.0, 0.0).mean.is_finite());
    }
}
