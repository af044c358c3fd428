//! The explanation of a slot as people read it: a text for the terminal, a page for the browser.

mod html;
mod plot;
mod text;

pub use html::page;
pub use text::text;

use mu_driver::why::{Explained, Known, Scale};
use mu_select::UnitShow;

/// A value of a scale with its unit.
fn shown(scale: &Scale, value: f64) -> String {
    UnitShow { factor: scale.factor, suffix: scale.unit.clone() }.show(value)
}

/// `97.7% (96.95% to 98.27%, n 2000), measured`
fn known(known: &Known) -> String {
    let interval = known.interval_shown.clone();
    let samples = known.samples.map(|samples| format!("n {samples}"));
    let sure: Vec<String> = interval.into_iter().chain(samples).collect();
    let sure = if sure.is_empty() { String::new() } else { format!(" ({})", sure.join(", ")) };
    format!("{}{sure}, {}", known.shown, known.source)
}

/// The pairs of scales to draw, x and y: what there is to gain over what it costs, of scales by which the candidates differ.
fn telling(explained: &Explained) -> Vec<(usize, usize)> {
    let differs = |axis: &usize| {
        let mut values: Vec<f64> =
            explained.candidates.iter().filter_map(|one| one.values.get(*axis).copied().flatten()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values.len() > 1
    };
    let differing: Vec<usize> = (0..explained.axes.len()).filter(differs).collect();
    let gains = |axis: &&usize| explained.axes.get(**axis).is_some_and(|scale| scale.higher_is_better);
    let first = differing.iter().find(gains).or(differing.first());
    let Some(y) = first else { return Vec::new() };
    differing.iter().filter(|x| *x != y).take(2).map(|x| (*x, *y)).collect()
}

/// What a request costs, item by item, in USD per million requests.
fn cost_items(explained: &Explained) -> Vec<(&'static str, String)> {
    let Some(cost) = &explained.cost else { return Vec::new() };
    let million = |usd: f64| UnitShow { factor: 1e-6, suffix: " USD per 1M requests".into() }.show(usd);
    vec![
        ("requests", million(cost.requests)),
        ("duration", million(cost.duration)),
        ("cold starts", million(cost.cold_starts)),
        ("logs", million(cost.logs)),
        ("all", million(cost.total())),
    ]
}

/// How sure it is that the choice is the best.
fn proof(explained: &Explained) -> Option<String> {
    let chosen = explained.chosen.as_ref()?;
    Some(match (&chosen.gap, chosen.pinned) {
        (_, true) => "kept because `mu.lock` pins it; `mulc update` chooses anew".to_owned(),
        (Some(gap), _) => gap.clone(),
        (None, _) => format!("proven to be the best; the search looked at {} partial choices", chosen.nodes),
    })
}
