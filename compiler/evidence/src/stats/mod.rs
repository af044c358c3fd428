//! How far a measurement carries: intervals of ratios, of resampled statistics and of quantiles, and the comparison of two
//! models on the same samples. Intervals are two-sided and hold with 95 %, limits are one-sided.

mod bootstrap;
mod normal;
mod paired;
mod quantile;
mod random;
mod ratio;

pub use bootstrap::bootstrap;
pub use normal::normal_limits;
pub use paired::{Paired, difference, mcnemar};
pub use quantile::order_interval;
pub use random::SplitMix;
pub use ratio::{lower_limit, samples_needed, upper_limit, wilson};

/// The quantile of the normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// `P(X <= k)` for `X` hits among `n` of probability `p`, by the regularised incomplete beta function.
fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    match (k >= n, p) {
        (true, _) => 1.0,
        (_, p) if p <= 0.0 => 1.0,
        (_, p) if p >= 1.0 => 0.0,
        _ => statrs::function::beta::checked_beta_reg((n - k) as f64, (k + 1) as f64, 1.0 - p).unwrap_or(f64::NAN),
    }
}
