//! `mulc models list`: the catalog as a table.

use super::Session;
use super::figures::{count, figure, grounds, shown, table};
use crate::failure::Failure;
use crate::output;
use mu_driver::catalog::asked;
use mu_models::{Figure, Filter, Listing, Row, list};
use std::process::ExitCode;

pub fn run(session: &Session, task: Option<String>, requires: &[String]) -> Result<ExitCode, Failure> {
    let requires: Result<_, Failure> = requires.iter().map(|text| asked(text).map_err(Failure::request)).collect();
    let listing = list(&session.catalog(), &Filter { task, requires: requires? })?;
    for wrong in &listing.wrong {
        output::aside(&format!("`{wrong}` is left out: its card has errors, which `mulc models verify` names\n"));
    }
    session.answer(&listing, text)
}

fn text(listing: &Listing) -> String {
    if listing.models.is_empty() {
        return format!("no model of {}\n", listing.of);
    }
    let mut table = table(&["model", "task", "licence", "size", "metrics", "latency p95", "notes"]);
    for row in &listing.models {
        table.add_row([
            row.name.clone(),
            row.task.clone(),
            row.license.clone(),
            row.figures.iter().find(|figure| figure.path == "size").map_or("?".into(), |f| shown(&f.measure, f.value)),
            metrics(row),
            latency(row),
            row.notes.join("\n"),
        ]);
    }
    let total = match (listing.models.len(), listing.of) {
        (some, of) if some as u64 == of => count(some, "model"),
        (some, of) => format!("{some} of {of} models"),
    };
    format!("{table}\n{total}\n")
}

/// The metrics, a line each; a claim only where nothing was measured.
fn metrics(row: &Row) -> String {
    let metrics: Vec<&Figure> = row.figures.iter().filter(|figure| figure.dataset.is_some()).collect();
    let same = |a: &Figure, b: &Figure| (&a.path, &a.dataset) == (&b.path, &b.dataset);
    let known = |f: &&&Figure| f.source == "measured" || !metrics.iter().any(|m| m.source == "measured" && same(m, f));
    metrics.iter().filter(known).map(|f| format!("{} {}", f.path, figure(f))).collect::<Vec<_>>().join("\n")
}

fn latency(row: &Row) -> String {
    let figures: Vec<&Figure> = row.figures.iter().filter(|figure| figure.path == "latency.p95").collect();
    // At a whole processor, or at the largest share of one.
    let whole = figures.iter().filter(|f| f.platform.is_some()).max_by(|a, b| {
        let near = |f: &Figure| f.share.map_or(f64::INFINITY, |share| (share - 1.0).abs());
        near(b).total_cmp(&near(a))
    });
    match whole.or(figures.first()) {
        Some(found) => format!("{} {}", shown(&found.measure, found.value), grounds(found)),
        None => String::new(),
    }
}
