//! `mulc models diff`: where two models disagree.

use super::Session;
use super::evaluate::{between, figure, request, subject_of};
use super::figures::table;
use crate::cli::models::evaluate::Diff;
use crate::commands::wrong;
use crate::failure::Failure;
use crate::progress::Bar;
use mu_models::diff::{Compared, diff};
use serde_json::Value as Json;
use std::process::ExitCode;

pub fn run(session: &Session, asked: &Diff) -> Result<ExitCode, Failure> {
    let Some(first) = subject_of(session, &asked.first, &asked.data)? else { return Ok(wrong()) };
    let Some(second) = subject_of(session, &asked.second, &asked.data)? else { return Ok(wrong()) };
    let request = request(&asked.data);
    let compared = diff(&session.catalog(), (&first, &second), &request, asked.show, &mut Bar::default())?;
    session.answer(&compared, text)
}

fn text(compared: &Compared) -> String {
    let Compared { first, second, metric, .. } = compared;
    let set = compared.data.name.as_ref().unwrap_or(&compared.data.path);
    let figure = |x: f64| figure(x, compared.table.is_some(), "");
    let mut text = format!(
        "{metric} on {} samples of `{set}`: `{first}` {}, `{second}` {}\ndifference: {} {}\n",
        compared.samples,
        figure(compared.of_first),
        figure(compared.of_second),
        figure(compared.difference),
        between(compared.interval, &figure)
    );
    if let Some(found) = &compared.table {
        let (right, wrong) = (format!("`{second}` right"), format!("`{second}` wrong"));
        let mut square = table(&["", &right, &wrong]);
        square.add_row([format!("`{first}` right"), found.both.to_string(), found.only_first.to_string()]);
        square.add_row([format!("`{first}` wrong"), found.only_second.to_string(), found.neither.to_string()]);
        let verdict = match found.p_value < 0.05 {
            true => "one is better",
            false => "not enough to tell them apart",
        };
        text.push_str(&format!("{square}\nMcNemar's exact test: p = {:.4}, {verdict}\n", found.p_value));
    }
    if !compared.listed.is_empty() {
        let mut list = table(&["sample", "right", first, second]);
        for one in &compared.listed {
            list.add_row([one.sample.clone(), shown(&one.truth), shown(&one.first), shown(&one.second)]);
        }
        text.push_str(&format!("{list}\n"));
        let more = compared.disagreements - compared.listed.len() as u64;
        if more > 0 {
            text.push_str(&format!("and {more} more (`--show N` lists them)\n"));
        }
    }
    text
}

fn shown(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        json => json.to_string(),
    }
}
