//! `mulc models show`: everything that is known of one model.

use super::Session;
use super::figures::table;
use crate::failure::Failure;
use mu_models::{Shown, show};
use mu_select::UnitShow;
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(session: &Session, model: &str) -> Result<ExitCode, Failure> {
    session.answer(&show(&session.catalog(), model)?, text)
}

fn text(model: &Shown) -> String {
    let mut out = String::new();
    let traits = model.traits.iter().map(|(path, value)| format!("{path} {}", value_of(model, path, *value)));
    let facts = [
        ("card", Some(model.card.clone())),
        ("task", Some(model.task.clone())),
        ("licence", Some(model.license.clone())),
        ("origin", model.origin.clone()),
        ("file", Some(model.file.clone().unwrap_or_else(|| "not at hand".into()))),
        ("sha256", Some(model.sha256.clone())),
        ("reads", Some(traits.collect::<Vec<_>>().join(", "))),
        ("gate", Some(gate(model))),
    ];
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", model.name);
    for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let _ = writeln!(out, "  {name:8} {value}");
    }
    if !model.evaluations.is_empty() {
        let mut rows = table(&["measured", "data set", "value", "95 % interval", "samples", "through", "date"]);
        for e in &model.evaluations {
            let value = |value| value_of(model, &e.metric, value);
            let interval = format!("{} to {}", value(e.interval.low), value(e.interval.high));
            let through = match e.through {
                mu_models::Through::Adapter => "adapter",
                mu_models::Through::Net => "net alone",
            };
            let cells = [&e.metric, &e.dataset, &value(e.value), &interval, &e.samples.to_string(), through, &e.date];
            rows.add_row(cells.map(str::to_owned));
        }
        let _ = writeln!(out, "{rows}");
    }
    if !model.profiles.is_empty() {
        let head = ["platform", "share", "p50", "p95", "p99", "load", "first", "memory", "calls", "date"];
        let mut rows = table(&head);
        for p in &model.profiles {
            let time = |seconds| value_of(model, "latency.p95", seconds);
            let latency = [p.latency.p50, p.latency.p95, p.latency.p99].map(|quantile| time(quantile.value));
            let mut cells = vec![p.platform.name.clone(), p.share.to_string()];
            cells.extend(latency);
            cells.extend([time(p.load), time(p.first), value_of(model, "memory", p.memory as f64)]);
            cells.extend([p.calls.to_string(), p.date.clone()]);
            rows.add_row(cells);
        }
        let _ = writeln!(out, "{rows}");
    }
    if !model.claims.is_empty() {
        let mut rows = table(&["claimed", "data set", "value", "samples", "measured", "borne out"]);
        for claim in &model.claims {
            let value = |value: Option<f64>| value.map(|v| value_of(model, &claim.path, v)).unwrap_or_default();
            let borne_out = match claim.borne_out {
                Some(true) => "yes",
                Some(false) => "no: outside the interval",
                None => "",
            };
            rows.add_row([
                claim.path.clone(),
                claim.dataset.clone().unwrap_or_default(),
                value(Some(claim.value)),
                claim.samples.map(|samples| samples.to_string()).unwrap_or_default(),
                value(claim.measured),
                borne_out.to_owned(),
            ]);
        }
        let _ = writeln!(out, "{rows}");
    }
    for note in &model.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

fn value_of(model: &Shown, path: &str, value: f64) -> String {
    let plain = UnitShow { factor: 1.0, suffix: String::new() };
    model.measures.get(path).map_or(&plain, |measure| &measure.unit).show(value)
}

fn gate(model: &Shown) -> String {
    let Some(gate) = &model.gate else { return "none: never compared with a reference".into() };
    let before = gate.before_softmax.map(|d| format!(", before the softmax {d:.1e}")).unwrap_or_default();
    let samples = gate.samples;
    format!(
        "passed on {samples} inputs against {}: off by at most {:.1e}{before} ({})",
        gate.reference, gate.largest, gate.date
    )
}
