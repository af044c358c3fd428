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

/// Prints the table; the error says what is no measurement.
pub fn table(mut measured: impl Read) -> Result<(), String> {
    let mut text = String::new();
    measured.read_to_string(&mut text).map_err(|error| error.to_string())?;
    println!(
        "| model | share | calls | mean, ms | predicted | off by | p50, ms | predicted | off by | p95, ms | predicted | off by |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut off: [Vec<f64>; 3] = Default::default();
    for measured in serde_json::Deserializer::from_str(&text).into_iter::<Measured>() {
        for model in measured.map_err(|error| error.to_string())?.models {
            let Some(whole) = model.profiles.iter().find(|profile| profile.share == 1.0) else { continue };
            for profile in model.profiles.iter().filter(|profile| profile.share < 1.0) {
                rows(&model.name, whole, profile, &mut off);
            }
        }
    }
    let [mean, p50, p95] = off.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).map_or(f64::NAN, |middle| middle * 100.0)
    });
    println!("\nThe median of how far predictions are off: mean {mean:.1} %, p50 {p50:.1} %, p95 {p95:.1} %.");
    Ok(())
}

fn rows(name: &str, whole: &Profile, profile: &Profile, off: &mut [Vec<f64>; 3]) {
    let paces = [("back to back", Pace::BackToBack, Some(profile.latency)), ("pauses", Pace::Spaced, profile.spaced)];
    for (pace, kind, seen) in paces {
        let Some(seen) = seen else { continue };
        let expected = predict_at(whole, profile.share, profile.period, kind);
        let cells = figures(&seen, &expected).map(|(seen, expected)| {
            let off = expected / seen - 1.0;
            (format!("{:.3} | {:.3} | {:+.1} %", seen * 1e3, expected * 1e3, off * 100.0), off.abs())
        });
        off.iter_mut().zip(&cells).for_each(|(all, cell)| all.push(cell.1));
        println!("| {name} | {} | {pace} | {} |", profile.share, cells.map(|cell| cell.0).join(" | "));
    }
}

fn figures(seen: &Latency, expected: &Predicted) -> [(f64, f64); 3] {
    [(seen.mean, expected.mean), (seen.p50.value, expected.p50), (seen.p95.value, expected.p95)]
}
