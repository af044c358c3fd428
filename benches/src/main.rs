//! Measures the compiler's front half, the selection, the choice at request time, the index of a catalog and the code around a
//! model: `cargo run --release -p mu-benches`, with `-- front`, `-- selection`, `-- request`, `-- index` or `-- kernels` for one.
//!
//! `-- lambda NAME=FOLDER...` compares runtimes of the digit example on Lambda (see `../lambda`).
//!
//! `-- predict` holds predicted times against measured ones, which it reads from standard input.
//!
//! Prints tables; what they say is kept in `README.md` beside it. Times are medians over many runs in one process.

mod generate;
mod index;
mod kernels;
mod lambda;
mod predict;
mod problems;
mod request;
mod selection;

use mu_base::FileId;
use std::time::{Duration, Instant};

fn main() {
    let only = std::env::args().nth(1);
    let asked = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if asked("front") {
        front();
    }
    if asked("selection") {
        selection::tables();
    }
    if asked("request") {
        request::tables();
    }
    if only.as_deref() == Some("predict")
        && let Err(error) = predict::table(std::io::stdin())
    {
        eprintln!("standard input is no measurement: {error}");
    }
    if asked("index") {
        index::tables();
    }
    if asked("kernels") {
        kernels::tables();
    }
    if only.as_deref() == Some("lambda")
        && let Err(error) = lambda::table(&std::env::args().skip(2).collect::<Vec<_>>())
    {
        eprintln!("error: {error}");
    }
}

fn front() {
    println!("| what | lines | MB | median ms | lines/s | MB/s |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for lines in [1_000, 10_000, 100_000] {
        let text = generate::program(lines);
        row("parse", &text, runs(lines), || {
            let mut cache = mu_syntax::Cache::default();
            let file = mu_syntax::parse(FileId(0), &text, &mut cache);
            assert!(file.diagnostics.is_empty(), "the generated program is right: {:?}", file.diagnostics.first());
        });
        row("check", &text, runs(lines), || check(&text, &mut mu_analysis::Cache::default()));
        let mut warm = mu_analysis::Cache::default();
        check(&text, &mut warm);
        let edited = text.replacen("0.125", "0.25", 1);
        let before = warm.parsed();
        check(&edited, &mut warm);
        let again = warm.parsed() - before;
        row(&format!("check after an edit ({again} item parsed)"), &edited, runs(lines), || check(&edited, &mut warm));
    }
    let text = generate::labels(21_000);
    row("check, 21,000 labels from a file", &text, 20, || {
        let world = generate::Memory::with("labels.json", &text);
        let analysis = mu_analysis::analyse(&world, Some("main.mu"), &mut mu_analysis::Cache::default());
        assert!(!analysis.has_errors(), "the generated program is right");
    });
}

fn check(text: &str, cache: &mut mu_analysis::Cache) {
    let world = generate::Memory::program(text);
    let analysis = mu_analysis::analyse(&world, Some("main.mu"), cache);
    assert!(analysis.diagnostics.is_empty(), "the generated program is right: {:?}", analysis.diagnostics.first());
}

fn runs(lines: usize) -> usize {
    if lines > 50_000 { 5 } else { 21 }
}

fn row(what: &str, text: &str, runs: usize, mut work: impl FnMut()) {
    work();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2].as_secs_f64();
    let (lines, mb) = (text.lines().count(), text.len() as f64 / 1e6);
    println!(
        "| {what} | {lines} | {mb:.2} | {:.1} | {:.0} | {:.1} |",
        median * 1e3,
        lines as f64 / median,
        mb / median
    );
}
