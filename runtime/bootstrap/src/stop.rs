//! The signals that ask the process to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Ends when SIGTERM or SIGINT comes. Signals are caught from the call on, not from the first wait.
pub fn requested() -> Result<impl Future<Output = ()>, String> {
    let caught = |kind| signal(kind).map_err(|e| format!("cannot catch signals: {e}"));
    let mut terminate = caught(SignalKind::terminate())?;
    let mut interrupt = caught(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
