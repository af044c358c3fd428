//! What is being done, shown on a terminal while it is done and gone afterwards; nothing in a pipe.

use crate::output;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// A line that turns until it is dropped.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    pub fn start(doing: &str) -> Progress {
        let bar = output::is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.set_message(doing.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Progress { bar }
    }
}

/// A bar for each step of long work.
#[derive(Default)]
pub struct Bar {
    bar: Option<ProgressBar>,
}

impl mu_models::Progress for Bar {
    fn start(&mut self, what: &str, total: u64) {
        if !output::is_terminal() {
            return;
        }
        if let Some(last) = self.bar.take() {
            last.finish_and_clear();
        }
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} ({eta})") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        self.bar = Some(bar);
    }

    fn advance(&mut self, units: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(units);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
