//! How well the time of a call at a share of a processor is predicted from a measurement on a whole one.
//!
//! Reads what `mulc models measure --cpu 0.25,0.5,0.75,1 --json` printed, of one project or of several in a row.

use mu_evidence::{Latency, Pace, Predicted, Profile, predict_at};
use serde::Deserialize;
use std::io::Read;

#[derive(Deserialize)]
struct Measured {
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    profiles: Vec<Profile>,
}

/// How far predictions are off, as parts of what was measured: of the mean, the median and the 95th percentile.
type Off = [Vec<f64>; 3];

/// Prints the table; the error says what is no measurement.
pub fn table(mut measured: impl Read) -> Result<(), String> {
    let mut text = String::new();
    measured.read_to_string(&mut text).map_err(|error| error.to_string())?;
    println!("| model | pace | measured mean in ms / predicted, at each share |");
    println!("| --- | --- | --- |");
    let mut off = Off::default();
    for measured in serde_json::Deserializer::from_str(&text).into_iter::<Measured>() {
        for model in measured.map_err(|error| error.to_string())?.models {
            rows(&model, &mut off);
        }
    }
    let count = off[0].len();
    let [mean, p50, p95] = off.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).map_or(f64::NAN, |middle| middle * 100.0)
    });
    println!("\nMedians of how far {count} predictions are off: mean {mean:.1} %, p50 {p50:.1} %, p95 {p95:.1} %.");
    Ok(())
}

/// A row for each pace.
fn rows(model: &Model, off: &mut Off) {
    let Some(whole) = model.profiles.iter().find(|profile| profile.share == 1.0) else { return };
    for (name, pace) in [("back to back", Pace::BackToBack), ("pauses", Pace::Spaced)] {
        let mut cells = Vec::new();
        for profile in model.profiles.iter().filter(|profile| profile.share < 1.0) {
            let seen = match pace {
                Pace::BackToBack => Some(profile.latency),
                Pace::Spaced => profile.spaced,
            };
            let Some(seen) = seen else { continue };
            let expected = predict_at(whole, profile.share, profile.period, pace);
            let figures = figures(&seen, &expected);
            off.iter_mut().zip(figures).for_each(|(all, (seen, expected))| all.push((expected / seen - 1.0).abs()));
            let (seen, expected) = figures[0];
            let percent = (expected / seen - 1.0) * 100.0;
            cells.push(format!("{}: {:.3} / {:.3} ({percent:+.0} %)", profile.share, seen * 1e3, expected * 1e3));
        }
        println!("| {} | {name} | {} |", model.name, cells.join(", "));
    }
}

fn figures(seen: &Latency, expected: &Predicted) -> [(f64, f64); 3] {
    [(seen.mean, expected.mean), (seen.p50.value, expected.p50), (seen.p95.value, expected.p95)]
}
