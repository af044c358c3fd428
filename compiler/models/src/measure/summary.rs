//! From what processes saw to a profile.

use super::process::Seen;
use mu_evidence::stats::order_interval;
use mu_evidence::{Latency, PERCENTILES, Platform, Profile, Quantile};

/// All processes of one model at one share.
#[derive(Default)]
pub struct Gathered {
    /// Those whose calls came back to back.
    pub busy: Vec<Seen>,
    /// Those whose calls had pauses between them.
    pub spaced: Vec<Seen>,
}

/// What a profile says beside the figures.
pub struct Facts {
    pub platform: Platform,
    pub share: f64,
    /// Zero where nothing limits the share.
    pub period: f64,
    pub inputs: String,
    pub date: String,
    pub size: u64,
}

impl Gathered {
    /// `None` where no process ran.
    pub fn profile(&self, facts: Facts) -> Option<Profile> {
        let Facts { platform, share, period, inputs, date, size } = facts;
        let all = || self.busy.iter().chain(&self.spaced);
        let wall = pooled(&self.busy, |seen| &seen.wall);
        Some(Profile {
            platform,
            share,
            period,
            runtime: all().next()?.runtime.clone(),
            inputs,
            date,
            processes: self.busy.len() as u32,
            calls: wall.len() as u64,
            load: median(all().map(|seen| seen.load))?,
            first: median(all().map(|seen| seen.first))?,
            latency: latency(&wall)?,
            spaced: latency(&pooled(&self.spaced, |seen| &seen.wall)),
            demand: percentiles(&pooled(&self.busy, |seen| &seen.cpu)),
            spaced_demand: percentiles(&pooled(&self.spaced, |seen| &seen.cpu)),
            memory: all().map(|seen| seen.memory).max()?,
            size,
        })
    }
}

fn seconds(nanoseconds: i64) -> f64 {
    // A whole number of nanoseconds has few digits in the file.
    nanoseconds.max(0) as f64 / 1e9
}

/// The calls of all processes in ascending order, in seconds.
fn pooled(seen: &[Seen], of: impl Fn(&Seen) -> &Vec<i64>) -> Vec<f64> {
    let mut times: Vec<f64> = seen.iter().flat_map(of).map(|time| seconds(*time)).collect();
    times.sort_by(f64::total_cmp);
    times
}

fn median(times: impl Iterator<Item = i64>) -> Option<f64> {
    let mut times: Vec<i64> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).map(|time| seconds(*time))
}

fn latency(sorted: &[f64]) -> Option<Latency> {
    let quantile = |q| -> Option<Quantile> { order_interval(sorted, q) };
    let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
    let mean = seconds((mean * 1e9).round() as i64);
    Some(Latency { mean, p50: quantile(0.5)?, p95: quantile(0.95)?, p99: quantile(0.99)? })
}

/// Nothing where there were no calls.
fn percentiles(sorted: &[f64]) -> Vec<f64> {
    let last = sorted.len().saturating_sub(1);
    let at = |percent: &f64| sorted.get((percent / 100.0 * last as f64).round() as usize).copied();
    PERCENTILES.iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(times: &[i64], load: i64) -> Seen {
        serde_json::from_value::<Seen>(serde_json::json!({
            "runtime": "r", "ready": 0, "first": 9, "wall": times, "cpu": times, "memory": load * 10
        }))
        .map(|seen| Seen { load, ..seen })
        .unwrap()
    }

    fn facts() -> Facts {
        let platform = Platform { name: "p".into(), machine: "m".into(), arch: "x86_64".into(), features: Vec::new() };
        Facts { platform, share: 1.0, period: 0.0, inputs: "i".into(), date: "2026-11-21".into(), size: 7 }
    }

    #[test]
    fn calls_of_all_processes_are_pooled_and_loads_have_a_median() {
        let times: Vec<i64> = (1..=500).map(|i| i * 1000).collect();
        let later: Vec<i64> = (501..=1000).map(|i| i * 1000).collect();
        let gathered =
            Gathered { busy: vec![seen(&later, 5), seen(&times, 7), seen(&[], 1_000_000)], spaced: Vec::new() };
        let profile = gathered.profile(facts()).unwrap();
        assert_eq!((profile.calls, profile.processes, profile.load), (1000, 3, 7e-9));
        assert_eq!(profile.latency.p95.value, 950e-6);
        assert!(profile.latency.p95.low < 950e-6 && profile.latency.p95.high > 950e-6);
        assert_eq!((profile.demand.len(), profile.demand[0], profile.demand[21]), (22, 1e-6, 1e-3));
        assert_eq!((profile.memory, profile.spaced, profile.spaced_demand.len()), (10_000_000, None, 0));
    }

    #[test]
    fn no_process_gives_no_profile() {
        assert_eq!(Gathered::default().profile(facts()), None);
    }
}
