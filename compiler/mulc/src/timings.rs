//! How long each stage of a build took.

use crate::output;
use std::time::{Duration, Instant};

/// Stages in their order. The compiler says when one begins; the clock is here.
#[derive(Default)]
pub struct Timings {
    done: Vec<(&'static str, Duration)>,
    running: Option<(&'static str, Instant)>,
}

impl Timings {
    /// The stage before is over.
    pub fn begin(&mut self, stage: &'static str) {
        self.end();
        self.running = Some((stage, Instant::now()));
    }

    fn end(&mut self) {
        if let Some((stage, since)) = self.running.take() {
            self.done.push((stage, since.elapsed()));
        }
    }

    /// The stages and the whole, in milliseconds.
    pub fn table(&mut self) -> String {
        self.end();
        let mut table = output::table(&["stage", "ms"]);
        let total = ("all", self.done.iter().map(|(_, took)| *took).sum());
        for (stage, took) in self.done.iter().chain([&total]) {
            table.add_row([(*stage).to_owned(), format!("{:.2}", took.as_secs_f64() * 1e3)]);
        }
        format!("{table}\n")
    }
}
