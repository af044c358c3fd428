//! `mulc models measure`: how fast models are on this machine.

use super::Session;
use super::figures::table;
use crate::cli::models::measure::Measure;
use crate::commands::wrong;
use crate::failure::Failure;
use crate::progress::Bar;
use crate::runtime;
use crate::today::today;
use mu_evidence::{Predicted, Profile, Quantile};
use mu_models::measure::{Measured, Model, Prediction, Request, measure};
use std::fmt::Write;
use std::process::ExitCode;

/// In seconds, as on AWS Lambda.
const PERIOD: f64 = 0.02;
/// How many calls and processes a first look takes.
const QUICK: (u64, u32) = (100, 2);
/// The fewest calls for which an interval of the 95th and of the 99th percentile is meant.
const ENOUGH: (u64, u64) = (1000, 5000);

pub fn run(session: &Session, asked: Measure) -> Result<ExitCode, Failure> {
    let mut shares: Vec<f64> = Vec::new();
    for share in asked.cpu {
        if !shares.contains(&share) {
            shares.push(share);
        }
    }
    let runtime = runtime::read()?;
    let mut models = Vec::new();
    for name in names(session, asked.models)? {
        let report = mu_driver::card_program(&session.program.input(), &name);
        let Some(compiled) = session.program.answer(report)? else { return Ok(wrong()) };
        models.push(compiled);
    }
    let (calls, processes) = if asked.quick { QUICK } else { (asked.calls, asked.processes) };
    let request = Request {
        shares,
        period: PERIOD,
        calls,
        spaced: calls.div_ceil(5),
        processes,
        platform: asked.platform,
        date: today(),
        runtime: &runtime,
    };
    let mut bar = Bar::default();
    let measured = measure(&session.catalog(), &models, &request, &mut bar)?;
    drop(bar);
    session.answer(&measured, |measured| text(measured, calls))
}

/// The models that were named, or all whose files are at hand.
fn names(session: &Session, named: Vec<String>) -> Result<Vec<String>, Failure> {
    if !named.is_empty() {
        return Ok(named);
    }
    let report = mu_driver::catalog::catalog(&session.program.input());
    let cards = report.value.map(|facts| facts.cards).unwrap_or_default();
    let at_hand =
        |card: &mu_driver::catalog::CardFacts| card.stated.as_ref().is_some_and(|stated| stated.path.is_some());
    let names: Vec<String> = cards.into_iter().filter(at_hand).map(|card| card.name).collect();
    match names.is_empty() {
        true => {
            Err(Failure::request("the catalog has no model whose file is at hand").help("add one: `mulc models add`"))
        }
        false => Ok(names),
    }
}

fn text(measured: &Measured, calls: u64) -> String {
    let head = ["model", "cpu", "p50", "p95", "p99", "pauses: p50", "p95", "load", "first", "memory", ""];
    let mut rows = table(&head);
    for model in &measured.models {
        for profile in &model.profiles {
            rows.add_row(profile_row(model, profile));
        }
        for prediction in &model.predicted {
            rows.add_row(predicted_row(model, prediction));
        }
    }
    let mut out = format!("{rows}\n");
    let _ = writeln!(out, "on {}: {}", measured.platform.name, measured.platform.machine);
    for model in measured.models.iter().filter(|model| model.data.is_none()) {
        let _ = writeln!(
            out,
            "note: `{}` was called with inputs that were made up: no data set of its task is at hand",
            model.name
        );
    }
    if let Some(why) = &measured.unlimited {
        let _ = writeln!(out, "note: shares below 1 are predicted from quota and period: {why}");
    }
    if calls < ENOUGH.0 {
        let _ = writeln!(out, "note: {calls} calls are few: give --calls {} for p95, {} for p99", ENOUGH.0, ENOUGH.1);
    } else if calls < ENOUGH.1 {
        let _ = writeln!(out, "note: p99 wants more calls: --calls {}", ENOUGH.1);
    }
    out
}

fn profile_row(model: &Model, profile: &Profile) -> [String; 11] {
    let spaced = |of: fn(&mu_evidence::Latency) -> Quantile| {
        profile.spaced.map_or_else(String::new, |latency| time(of(&latency).value))
    };
    [
        model.name.clone(),
        profile.share.to_string(),
        quantile(profile.latency.p50),
        quantile(profile.latency.p95),
        quantile(profile.latency.p99),
        spaced(|latency| latency.p50),
        spaced(|latency| latency.p95),
        time(profile.load),
        time(profile.first),
        format!("{:.1} MB", profile.memory as f64 / 1e6),
        "measured".to_owned(),
    ]
}

fn predicted_row(model: &Model, prediction: &Prediction) -> [String; 11] {
    let Prediction { share, back_to_back, spaced, .. } = prediction;
    let Predicted { p50, p95, p99, .. } = back_to_back;
    let mut row: [String; 11] = Default::default();
    let cells =
        [model.name.clone(), share.to_string(), time(*p50), time(*p95), time(*p99), time(spaced.p50), time(spaced.p95)];
    for (place, cell) in row.iter_mut().zip(cells) {
        *place = cell;
    }
    row[10] = "predicted".to_owned();
    row
}

/// `41.9 us [41.2, 43.0]`; without an interval where the calls were too few for one.
fn quantile(quantile: Quantile) -> String {
    let Quantile { value, low, high } = quantile;
    let (unit, factor) = unit(value);
    match low < high {
        true => format!("{} {unit} [{}, {}]", digits(value * factor), digits(low * factor), digits(high * factor)),
        false => time(value),
    }
}

fn time(seconds: f64) -> String {
    let (unit, factor) = unit(seconds);
    format!("{} {unit}", digits(seconds * factor))
}

fn unit(seconds: f64) -> (&'static str, f64) {
    match seconds {
        s if s < 1e-3 => ("us", 1e6),
        s if s < 1.0 => ("ms", 1e3),
        _ => ("s", 1.0),
    }
}

/// Three digits that count.
fn digits(number: f64) -> String {
    match number {
        n if n < 10.0 => format!("{n:.2}"),
        n if n < 100.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_suits() {
        assert_eq!([time(41.94e-6), time(0.0123), time(2.5049)], ["41.9 us", "12.3 ms", "2.50 s"]);
        let wide = Quantile { value: 0.0012, low: 0.00111, high: 0.0013 };
        assert_eq!(quantile(wide), "1.20 ms [1.11, 1.30]");
        assert_eq!(quantile(Quantile { low: 0.0012, high: 0.0012, ..wide }), "1.20 ms");
    }
}
