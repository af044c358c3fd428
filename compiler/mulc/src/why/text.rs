//! The explanation of a slot for the terminal.

use super::{cost_items, known, proof};
use crate::output::table;
use mu_driver::why::{Candidate, Explained};
use std::fmt::Write;

/// The explanation as text.
pub fn text(explained: &Explained) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}: {}", explained.slot, explained.task);
    let _ = writeln!(out, "for {} on {}", explained.entry, explained.platform);
    if !explained.other_entries.is_empty() {
        let _ = writeln!(out, "also reached by {} (`--entry`)", explained.other_entries.join(", "));
    }
    if let Some(by) = &explained.at_request {
        let _ = writeln!(out, "each request chooses by {by}; below is what is chosen where it says nothing");
    }
    out.push('\n');
    chosen(explained, &mut out);
    conflict(explained, &mut out);
    let _ = writeln!(out, "{}", candidates(explained));
    let reasons = explained.candidates.iter().filter(|one| one.verdict != "chosen" && !one.reasons.is_empty());
    list(
        &mut out,
        "not chosen",
        reasons.map(|one| format!("{} ({}): {}", one.model, one.verdict, one.reasons.join("; "))),
    );
    list(&mut out, "the Pareto front", front(explained));
    list(&mut out, "the next better, and its price", explained.next_better.iter().cloned());
    let cost = cost_items(explained);
    list(&mut out, "what a request costs", cost.into_iter().map(|(item, text)| format!("{item:12} {text}")));
    let demand = |one: &mu_driver::why::Demand| match &one.place {
        Some(place) => format!("{}  ({place})", one.text),
        None => one.text.clone(),
    };
    list(&mut out, "required", explained.requirements.iter().map(demand));
    list(
        &mut out,
        "other selectors",
        explained.baselines.iter().map(|one| {
            let models: Vec<&str> = one.models.iter().map(|(_, model)| model.as_str()).collect();
            let missed =
                if one.missed.is_empty() { String::new() } else { format!("; misses {}", one.missed.join("; ")) };
            format!("{:14} {}: {}{missed}", one.name, models.join(" with "), one.goals.join(", "))
        }),
    );
    out
}

fn list(out: &mut String, head: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{head}");
        lines.iter().for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
    }
}

fn chosen(explained: &Explained, out: &mut String) {
    let Some(chosen) = &explained.chosen else { return };
    let names: Vec<String> = match chosen.models.as_slice() {
        [(_, only)] => vec![only.clone()],
        many => many.iter().map(|(slot, model)| format!("{model} for {slot}")).collect(),
    };
    let setting = chosen.setting.as_ref().map(|setting| format!(" with {setting} of memory")).unwrap_or_default();
    let _ = writeln!(out, "chosen: {}{setting}", names.join(", "));
    let _ = writeln!(out, "  {}", chosen.goals.join(", then "));
    if let Some(proof) = proof(explained) {
        let _ = writeln!(out, "  {proof}");
    }
    out.push('\n');
}

fn conflict(explained: &Explained, out: &mut String) {
    let Some(conflict) = &explained.conflict else { return };
    let _ = writeln!(out, "nothing fits");
    let smallest = if conflict.smallest { "the smallest set that" } else { "a set that" };
    list(out, &format!("{smallest} cannot hold together"), conflict.requirements.iter().cloned());
    list(out, "the nearest", conflict.nearest.iter().cloned());
    list(out, "one edit is enough", conflict.edits.iter().cloned());
    out.push('\n');
}

fn candidates(explained: &Explained) -> String {
    let head: Vec<&str> =
        ["model", ""].into_iter().chain(explained.traits.iter().map(String::as_str)).chain(["licence"]).collect();
    let mut rows = table(&head);
    for one in &explained.candidates {
        let mut cells = vec![one.model.clone(), one.verdict.to_owned()];
        for place in 0..explained.traits.len() {
            let figure = one.traits.get(place).and_then(Option::as_ref);
            cells.push(figure.map_or("unknown".into(), known));
        }
        cells.push(one.license.clone().unwrap_or_default());
        rows.add_row(cells);
    }
    rows.to_string()
}

/// The models of the front with what they are compared by.
fn front(explained: &Explained) -> impl Iterator<Item = String> {
    let line = |one: &Candidate| {
        let values = explained.axes.iter().zip(&one.values).map(|(scale, value)| match value {
            Some(value) => format!("{} {}", scale.name, super::shown(scale, *value)),
            None => format!("{} unknown", scale.name),
        });
        let beside = if one.beside.is_empty() { String::new() } else { format!(" (with {})", one.beside.join(", ")) };
        format!("{}{beside}: {}", one.model, values.collect::<Vec<_>>().join(", "))
    };
    explained.candidates.iter().filter(|one| one.on_front).map(line)
}
