//! The signals that ask the process to stop, without a thread that waits for them.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether SIGTERM or SIGINT came. While nothing is in work, they end the process with status 0; an event that is in work is
/// answered first.
pub struct Stop {
    idle: Arc<AtomicBool>,
    asked: Arc<AtomicBool>,
}

impl Stop {
    /// Catches the signals from now on.
    pub fn catch() -> Result<Stop, String> {
        let stop = Stop { idle: Arc::new(AtomicBool::new(true)), asked: Arc::new(AtomicBool::new(false)) };
        for signal in [SIGTERM, SIGINT] {
            flag::register_conditional_shutdown(signal, 0, stop.idle.clone())
                .and_then(|_| flag::register(signal, stop.asked.clone()))
                .map_err(|e| format!("cannot catch signals: {e}"))?;
        }
        Ok(stop)
    }

    /// Does the work that is not cut short.
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        self.idle.store(false, Ordering::SeqCst);
        let done = work();
        self.idle.store(true, Ordering::SeqCst);
        done
    }

    /// Whether a signal came during the work.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}
