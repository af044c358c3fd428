//! Measures the selection on generated problems, in time on a processor.

use crate::problems::{ALL, problem};
use mu_select::{Limit, Outcome, reasons, select};
use std::hint::black_box;
use std::time::Instant;

/// Prints the table of the exact search, then the time of all reasons.
pub fn tables() {
    println!("\n| slots x models x sizes | asked | median ms | largest ms | median nodes | proven | gap |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (slots, models, sizes) in [(8, 200, 8), (16, 200, 8)] {
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
}

struct Run {
    ms: f64,
    nodes: u64,
    /// Relative; infinite where nothing was found.
    gap: f64,
}

fn run(seed: u64, slots: usize, models: usize, sizes: usize, asked: crate::problems::Asked) -> Run {
    let problem = problem(seed, slots, models, sizes, asked);
    // The clock may tick every few ms only: the mean of some runs, which all do the same.
    const RUNS: usize = 9;
    let clock = Clock::start();
    for _ in 1..RUNS {
        black_box(select(&problem, &Limit::default()));
    }
    let outcome = select(&problem, &Limit::default());
    let ms = clock.ms() / RUNS as f64;
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
        let clock = Clock::start();
        let verdicts = black_box(reasons(&problem, &found, 0, &Limit::default()));
        let ms = clock.ms();
        println!("\nThe reasons for the {} candidates of one slot: {ms:.0} ms.", verdicts.map_or(0, |v| v.len()));
    }
}

/// The time that this thread has on a processor, as Linux counts it (elsewhere: the time that passes), so that what else runs on the
/// machine counts less.
struct Clock {
    on_processor: Option<f64>,
    start: Instant,
}

impl Clock {
    fn start() -> Clock {
        Clock { on_processor: on_processor(), start: Instant::now() }
    }

    fn ms(&self) -> f64 {
        let passed = self.on_processor.zip(on_processor()).map(|(start, now)| now - start);
        passed.unwrap_or(self.start.elapsed().as_secs_f64() * 1e3)
    }
}

/// In ms.
fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e6)
}
