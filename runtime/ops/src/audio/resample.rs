//! Another rate, band-limited: a sinc kernel of 64 zero crossings under a Kaiser window (beta 9), which passes up to 92 % of
//! the lower rate's half. Everything is computed from additions, multiplications and divisions: the same bits everywhere.

use crate::reduce;
use std::sync::OnceLock;

/// Zero crossings on each side of the kernel.
const CROSSINGS: usize = 32;
/// Entries of the table from one zero crossing to the next; between two entries the kernel is a line.
const STEPS: usize = 512;
const ROLL_OFF: f64 = 0.92;
const BETA: f64 = 9.0;

/// sin(pi x) for `x` between -1/2 and 1/2: the Taylor series, as far as f64 reaches.
fn sin_pi(x: f64) -> f64 {
    let y = std::f64::consts::PI * x;
    let (mut term, mut sum) = (y, y);
    for n in 1..14 {
        let n = f64::from(2 * n);
        term = -term * y * y / (n * (n + 1.0));
        sum += term;
    }
    sum
}

/// sin(pi x) / (pi x).
fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let whole = x.round_ties_even();
    let sign = if whole % 2.0 == 0.0 { 1.0 } else { -1.0 };
    sign * sin_pi(x - whole) / (std::f64::consts::PI * x)
}

/// The modified Bessel function of order 0, by its power series.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..40 {
        let half = x / (2.0 * f64::from(n));
        term *= half * half;
        sum += term;
    }
    sum
}

/// The right half of the kernel, from its middle to the last zero crossing, and one entry more for the line that ends there.
fn kernel() -> &'static [f32] {
    static KERNEL: OnceLock<Vec<f32>> = OnceLock::new();
    KERNEL.get_or_init(|| {
        let entries = CROSSINGS * STEPS;
        let entry = |i: usize| {
            let part = i as f64 / entries as f64;
            let window = bessel(BETA * (1.0 - part * part).max(0.0).sqrt()) / bessel(BETA);
            (sinc(i as f64 / STEPS as f64) * window) as f32
        };
        (0..=entries).map(entry).chain([0.0]).collect()
    })
}

/// Weights for the samples around a place: the first of them is `from` samples away from the one at or before the place.
struct Weights {
    from: i64,
    weights: Vec<f32>,
}

/// The weights for a place that lies the fraction `part` of a sample after one. `density` is zero crossings per sample.
fn weights(part: f64, density: f64) -> Weights {
    let (kernel, reach) = (kernel(), CROSSINGS as f64 / density);
    let (from, to) = ((part - reach).ceil() as i64, (part + reach).floor() as i64);
    let weight = |i: i64| {
        let place = (i as f64 - part).abs() * density * STEPS as f64;
        let (entry, rest) = (place as usize, (place - place.floor()) as f32);
        let [a, b] = kernel.get(entry..entry + 2).and_then(|two| two.try_into().ok()).unwrap_or([0.0, 0.0]);
        (f64::from(a + (b - a) * rest) * density) as f32
    };
    Weights { from, weights: (from..=to).map(weight).collect() }
}

/// The most weights that are kept, 16 MB: enough for all fractions of the rates in use.
const MOST_KEPT: u64 = 1 << 22;

/// `length` samples at the rate `to` from samples at the rate `from`; beyond its ends the sound is silent.
pub(crate) fn resampled(x: &[f32], from: u32, to: u32, length: usize) -> Vec<f32> {
    let density = ROLL_OFF * (f64::from(to) / f64::from(from)).min(1.0);
    let fractions = u64::from(to) / common_divisor(from, to);
    let mut kept: Vec<Weights> = Vec::new();
    if fractions.saturating_mul((2.0 * CROSSINGS as f64 / density) as u64) <= MOST_KEPT {
        kept.extend((0..fractions).map(|i| weights(i as f64 / fractions as f64, density)));
    }
    let sample = |n: usize| {
        // Whole numbers keep the place exact however long the sound is.
        let steps = n as u128 * u128::from(from) / common_divisor(from, to) as u128;
        let (at, part) = ((steps / fractions as u128) as i64, (steps % fractions as u128) as usize);
        let own: Weights;
        let here = match kept.get(part) {
            Some(kept) => kept,
            None => {
                own = weights(part as f64 / fractions as f64, density);
                &own
            }
        };
        // What lies before the sound's first sample has no weight.
        let start = at + here.from;
        let weights = here.weights.get(usize::try_from(-start).unwrap_or(0)..).unwrap_or_default();
        let x = x.get(usize::try_from(start).unwrap_or(0)..).unwrap_or_default();
        let count = x.len().min(weights.len());
        reduce::dot(&x[..count], &weights[..count])
    };
    (0..length).map(sample).collect()
}

fn common_divisor(a: u32, b: u32) -> u64 {
    let (mut a, mut b) = (u64::from(a), u64::from(b));
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32, length: usize) -> Vec<f32> {
        (0..length).map(|i| (std::f64::consts::TAU * hertz * i as f64 / f64::from(rate)).sin() as f32).collect()
    }

    /// The greatest difference away from the ends.
    fn difference(a: &[f32], b: &[f32]) -> f32 {
        let inner = 400..a.len().min(b.len()) - 400;
        inner.map(|i| (a[i] - b[i]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_below_both_limits_comes_through() {
        for (from, to) in [(44_100, 16_000), (8_000, 16_000), (16_000, 44_100), (48_000, 16_000)] {
            let length = 2 * to as usize / 10;
            let result = resampled(&tone(440.0, from, 2 * from as usize / 10), from, to, length);
            let most = difference(&result, &tone(440.0, to, length));
            assert!(most < 1e-4, "{from} to {to}: {most}");
        }
    }

    #[test]
    fn a_tone_above_the_new_limit_goes_silent() {
        let result = resampled(&tone(12_000.0, 44_100, 8_820), 44_100, 16_000, 3_200);
        let most = difference(&result, &vec![0.0; result.len()]);
        assert!(most < 1e-4, "{most}");
    }
}
