//! Measures the selection on generated problems, and the choice at request time.

use crate::problems::{ALL, problem};
use mu_select::{Envelope, Limit, Outcome, reasons, select};
use std::hint::black_box;
use std::time::Instant;

/// Prints the table of the exact search, then the time of a choice at request time.
pub fn tables() {
    println!("\n| slots x models x sizes | asked | median ms | largest ms | median nodes | proven | gap |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (slots, models, sizes) in [(1, 200, 8), (8, 200, 8), (16, 200, 8)] {
        for asked in ALL {
            let of = |seed| run(seed, slots, models, sizes, asked);
            let mut runs: Vec<Run> = (1..=9).map(of).collect();
            runs.sort_by(|a, b| a.ms.total_cmp(&b.ms));
            let mut nodes: Vec<u64> = runs.iter().map(|run| run.nodes).collect();
            nodes.sort_unstable();
            let proven = runs.iter().filter(|run| run.gap == 0.0).count();
            let gap = runs.iter().map(|run| run.gap).fold(0.0, f64::max);
            println!(
                "| {slots} x {models} x {sizes} | {asked:?} | {:.1} | {:.1} | {} | {proven} of {} | {:.2} % |",
                runs[runs.len() / 2].ms,
                runs[runs.len() - 1].ms,
                nodes[nodes.len() / 2],
                runs.len(),
                gap * 100.0,
            );
        }
    }
    why();
    at_request();
}

struct Run {
    ms: f64,
    nodes: u64,
    /// Relative; infinite where nothing was found.
    gap: f64,
}

fn run(seed: u64, slots: usize, models: usize, sizes: usize, asked: crate::problems::Asked) -> Run {
    let problem = problem(seed, slots, models, sizes, asked);
    let start = Instant::now();
    let outcome = select(&problem, &Limit::default());
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let (nodes, gap) = match outcome {
        Outcome::Chosen(found) => (found.nodes, found.gap.map_or(0.0, |gap| gap.relative.unwrap_or(f64::INFINITY))),
        Outcome::Infeasible(_) => (0, 0.0),
        Outcome::TooLarge(found) => (found.nodes, f64::INFINITY),
    };
    Run { ms, nodes, gap }
}

/// The best choice with each candidate of a slot.
fn why() {
    let problem = problem(1, 8, 200, 8, crate::problems::Asked::Latency);
    if let Outcome::Chosen(found) = select(&problem, &Limit::default()) {
        let start = Instant::now();
        let verdicts = black_box(reasons(&problem, &found, 0, &Limit::default()));
        let ms = start.elapsed().as_secs_f64() * 1e3;
        println!("\nThe reasons for the {} candidates of one slot: {ms:.0} ms.", verdicts.map_or(0, |v| v.len()));
    }
}

fn at_request() {
    for (terms, models) in [(2, 1000), (3, 100)] {
        let point = |place: usize| -> Vec<f64> {
            // On a sphere's face, so that every model is best for some weights.
            let angle = |term: usize| (0.1 + 0.8 * (place as f64 * 0.618 * (term + 1) as f64).fract()) * 1.57;
            let first = angle(0);
            match terms {
                2 => vec![2.0 - first.cos(), 2.0 - first.sin()],
                _ => {
                    let second = angle(1);
                    vec![
                        2.0 - first.cos() * second.cos(),
                        2.0 - first.sin() * second.cos(),
                        2.0 - second.sin(),
                    ]
                }
            }
        };
        let points: Vec<Vec<f64>> = (0..models).map(point).collect();
        let start = Instant::now();
        let Some(envelope) = Envelope::new(&points) else { return };
        let made = start.elapsed().as_secs_f64() * 1e3;
        let rounds = 1_000_000;
        let start = Instant::now();
        for round in 0..rounds {
            let share = (round as f64 * 0.618).fract();
            let weights = [share, 1.0 - share, 0.5];
            black_box(envelope.choose(black_box(&weights[..terms])));
        }
        let ns = start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds);
        println!(
            "The choice at request time by {terms} terms among the {} of {models} models that are best for some weights: {ns:.0} ns; \
             its table takes {made:.1} ms.",
            envelope.models.len(),
        );
    }
}
