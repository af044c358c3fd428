//! `mulc models evaluate`: what a model or a function does on labelled data.

use super::Session;
use super::figures::table;
use crate::cli::models::evaluate::{Data, Evaluate};
use crate::commands::wrong;
use crate::failure::Failure;
use crate::progress::Bar;
use crate::today::today;
use mu_driver::{Subject, subject};
use mu_evidence::{Interval, Method};
use mu_models::evaluate::{Answers, Class, Evaluated, Metric, Ratio, Request, evaluate, keep};
use std::process::ExitCode;

/// Tables of more classes than this show the worst of them only.
const CLASSES: usize = 20;
/// Confusions of more labels than this are listed instead of drawn.
const SQUARE: usize = 12;
/// How many confusions a list shows.
const LISTED: usize = 10;

pub fn run(session: &Session, asked: &Evaluate) -> Result<ExitCode, Failure> {
    let Some(subject) = subject_of(session, &asked.subject, &asked.data)? else { return Ok(wrong()) };
    let catalog = session.catalog();
    let mut evaluated = evaluate(&catalog, &subject, &request(&asked.data), &mut Bar::default())?;
    evaluated.stored = keep(&catalog, &evaluated, &today())?;
    session.answer(&evaluated, text)
}

/// The card or function, ready to be evaluated; `None` where the program has errors, which were shown.
pub fn subject_of(session: &Session, name: &str, data: &Data) -> Result<Option<Subject>, Failure> {
    session.program.answer(subject(&session.program.input(), name, &data.set))
}

pub fn request(data: &Data) -> Request<'_> {
    Request {
        data: &data.set,
        raw: data.raw,
        output: data.output.as_deref(),
        limit: data.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        rate: data.rate,
    }
}

fn text(evaluated: &Evaluated) -> String {
    let data = &evaluated.data;
    let set = data.name.as_ref().unwrap_or(&data.path);
    let part = if data.limited { "the first " } else { "" };
    let mut text = format!("`{}` on {part}{} samples of `{set}`\n", evaluated.subject, evaluated.samples);
    if !evaluated.metrics.is_empty() {
        text.push_str(&metrics(&evaluated.metrics));
    }
    let line = |what: &str, ratio: &Ratio| format!("{what}: {}\n", share(ratio));
    text.extend(evaluated.answered.as_ref().map(|ratio| line("answered", ratio)));
    if let Some(answers) = &evaluated.answers {
        if evaluated.metrics.is_empty() {
            text.extend(answers.right_of_answered.as_ref().map(|ratio| line("right of the answered", ratio)));
            text.push_str(&line("right of all", &answers.right_of_all));
        }
        if let Some(calibration) = &answers.calibration {
            let bins = calibration.bins.len();
            text.push_str(&format!("calibration error: {:.4} ({bins} bins of equal width)\n", calibration.error));
        }
        text.push_str(&confusion(answers));
    }
    evaluated.notes.iter().for_each(|note| text.push_str(&format!("note: {note}\n")));
    text.push_str(&format!("identity of the data: {}\n", data.identity));
    text.extend(evaluated.stored.as_ref().map(|path| format!("kept in {path}\n")));
    text
}

fn metrics(metrics: &[Metric]) -> String {
    let mut all = table(&["metric", "value", "95 % interval", "samples", "by"]);
    for metric in metrics {
        let figure = |x: f64| figure(x, metric.hits.is_some(), &metric.unit);
        let by = match metric.method {
            Method::Wilson => "Wilson",
            Method::Bootstrap => "bootstrap",
        };
        let interval = between(metric.interval, &figure);
        all.add_row([metric.name.clone(), figure(metric.value), interval, metric.samples.to_string(), by.to_owned()]);
    }
    let mut text = format!("{all}\n");
    let Some(classes) = metrics.first().map(|metric| metric.per_class.len()).filter(|count| *count > 0) else {
        return text;
    };
    let mut head = vec!["class", "samples"];
    head.extend(metrics.iter().map(|metric| metric.name.as_str()));
    let mut each = table(&head);
    let mut order: Vec<usize> = (0..classes).collect();
    if classes > CLASSES {
        let worth = |place: &usize| {
            let first = metrics.first();
            let value = first.and_then(|metric| metric.per_class.get(*place)?.value).unwrap_or(f64::NAN);
            if first.is_some_and(|metric| metric.higher_is_better) { value } else { -value }
        };
        order.sort_by(|a, b| worth(a).total_cmp(&worth(b)));
        order.truncate(CLASSES);
        text.push_str(&format!("the {CLASSES} worst of {classes} classes\n"));
    }
    for place in order {
        let classes: Vec<&Class> = metrics.iter().filter_map(|metric| metric.per_class.get(place)).collect();
        let Some(first) = classes.first() else { continue };
        let mut row = vec![first.label.clone(), first.samples.to_string()];
        row.extend(classes.iter().zip(metrics).map(|(class, metric)| {
            let figure = |x: f64| figure(x, metric.hits.is_some(), &metric.unit);
            match (class.value, class.interval) {
                (Some(value), Some(interval)) => format!("{} {}", figure(value), between(interval, &figure)),
                (Some(value), None) => figure(value),
                (None, _) => "-".to_owned(),
            }
        }));
        each.add_row(row);
    }
    text.push_str(&format!("{each}\n"));
    text
}

/// A square of labels, right answers down; of many labels the most frequent confusions.
fn confusion(answers: &Answers) -> String {
    let mut given: Vec<Option<&str>> = Vec::new();
    for answer in answers.confusion.iter().flat_map(|row| &row.answers) {
        if !given.contains(&answer.label.as_deref()) {
            given.push(answer.label.as_deref());
        }
    }
    given.sort_by_key(|label| (label.is_none(), *label));
    let shown = |label: Option<&str>| label.unwrap_or("(none)").to_owned();
    if answers.confusion.len() <= SQUARE && given.len() <= SQUARE + 1 {
        let mut head = vec!["right \\ given".to_owned()];
        head.extend(given.iter().map(|label| shown(*label)));
        let mut square = table(&head.iter().map(String::as_str).collect::<Vec<_>>());
        for row in &answers.confusion {
            let count = |label: &Option<&str>| {
                let found = row.answers.iter().find(|answer| answer.label.as_deref() == *label);
                found.map_or(".".to_owned(), |answer| answer.count.to_string())
            };
            square.add_row(std::iter::once(row.truth.clone()).chain(given.iter().map(count)));
        }
        return format!("{square}\n");
    }
    let rows = answers.confusion.iter();
    let mut wrong: Vec<(u64, &str, Option<&str>)> = rows
        .flat_map(|row| row.answers.iter().map(|answer| (answer.count, row.truth.as_str(), answer.label.as_deref())))
        .filter(|(_, truth, given)| *given != Some(truth))
        .collect();
    wrong.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)).then(a.2.cmp(&b.2)));
    let mut list = table(&["right", "given", "times"]);
    for (count, truth, given) in wrong.into_iter().take(LISTED) {
        list.add_row([truth.to_owned(), shown(given), count.to_string()]);
    }
    format!("the most frequent confusions\n{list}\n")
}

/// A share of samples in percent, other numbers in four digits.
pub fn figure(x: f64, share: bool, unit: &str) -> String {
    match (share, unit) {
        (true, _) => format!("{:.2} %", 100.0 * x),
        (false, "") => format!("{x:.4}"),
        (false, unit) => format!("{x:.4} {unit}"),
    }
}

pub fn between(interval: Interval, figure: &dyn Fn(f64) -> String) -> String {
    format!("[{}, {}]", figure(interval.low), figure(interval.high))
}

fn share(ratio: &Ratio) -> String {
    let percent = |x: f64| figure(x, true, "");
    format!("{} {} ({} of {})", percent(ratio.value), between(ratio.interval, &percent), ratio.hits, ratio.samples)
}
