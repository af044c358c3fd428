//! How figures and tables of a catalog are written.

use mu_models::{Figure, Measure};
use mu_select::UnitShow;

pub use crate::output::table;

/// A value in the unit of its trait.
pub fn shown(measure: &Measure, value: f64) -> String {
    UnitShow { factor: measure.factor, suffix: measure.suffix.clone() }.show(value)
}

/// `97.7% [96.95%, 98.27%] of 2000 on mnist_holdout, measured`
pub fn figure(figure: &Figure) -> String {
    let mut text = shown(&figure.measure, figure.value);
    if let Some((low, high)) = figure.interval {
        text.push_str(&format!(" [{}, {}]", shown(&figure.measure, low), shown(&figure.measure, high)));
    }
    if let Some(samples) = figure.samples {
        text.push_str(&format!(" of {samples}"));
    }
    format!("{text} {}", grounds(figure))
}

/// Where a figure is from: `on mnist_holdout, measured`, `on x86_64 at 0.25, measured`, `claimed`.
pub fn grounds(figure: &Figure) -> String {
    let on = match (&figure.dataset, &figure.platform, figure.share) {
        (Some(dataset), ..) => format!("on {dataset}, "),
        (_, Some(platform), Some(1.0)) => format!("on {platform}, "),
        (_, Some(platform), Some(share)) => format!("on {platform} at {share}, "),
        _ => String::new(),
    };
    format!("{on}{}", figure.source)
}

/// `1 model`, `2 models`
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
