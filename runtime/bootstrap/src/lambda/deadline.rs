//! Watches the time of calls. Work is done in the main thread; a second one sleeps, and speaks up only when a deadline passes.
//!
//! No call is handed from thread to thread. The watcher is not even woken for each call: deadlines come in the order of the calls,
//! so it sleeps to the end of a call's time, and then, the call being over long since, to the end of the time of the one that runs.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is left of a call's time for the error itself.
const MARGIN: Duration = Duration::from_millis(50);

/// A call whose time is over.
pub struct Late {
    pub id: String,
    pub trace: Option<String>,
    /// How long it has run.
    pub after: Duration,
    /// Of a batch: what was not done, or failed.
    pub left: Vec<String>,
}

/// The call in work.
struct Running {
    began: Instant,
    until: Instant,
    id: String,
    trace: Option<String>,
    /// Of a batch: what is still to be done, in order.
    waiting: VecDeque<String>,
    failed: Vec<String>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// When the watcher wakes by itself; `None` while it waits to be woken.
    wakes: Option<Instant>,
    /// The deadline was answered; the call's own answer comes too late.
    over: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Watch(Arc<Shared>);

impl Watch {
    /// Starts the watcher. It calls `late` at the first call whose time is over.
    pub fn start(late: impl FnOnce(Late) + Send + 'static) -> Result<Watch, String> {
        let shared = Arc::new(Shared::default());
        let watched = shared.clone();
        let thread = thread::Builder::new().name("deadline".into()).spawn(move || late(first_late(&watched)));
        thread.map_err(|e| format!("cannot start a thread: {e}"))?;
        Ok(Watch(shared))
    }

    /// A call begins. Without a limit it may take for ever.
    pub fn begin(&self, id: &str, trace: Option<&str>, limit: Option<Duration>) {
        let Some(limit) = limit else { return };
        let began = Instant::now();
        let until = began + limit.saturating_sub(MARGIN.min(limit / 10));
        let (id, trace) = (id.to_string(), trace.map(str::to_string));
        let mut state = self.0.lock();
        state.running = Some(Running { began, until, id, trace, waiting: VecDeque::new(), failed: Vec::new() });
        if state.wakes.is_none_or(|wakes| until < wakes) {
            self.0.changed.notify_one();
        }
    }

    /// The call that runs is a batch of these.
    pub fn batch(&self, ids: &[String]) {
        if let Some(running) = &mut self.0.lock().running {
            running.waiting = ids.iter().cloned().collect();
        }
    }

    /// The next one of the batch is over.
    pub fn settle(&self, failed: bool) {
        if let Some(running) = &mut self.0.lock().running {
            let id = running.waiting.pop_front();
            running.failed.extend(id.filter(|_| failed));
        }
    }

    /// The call is over. Where its deadline was answered, this does not return: the watcher decides what follows.
    pub fn end(&self) {
        let over = {
            let mut state = self.0.lock();
            state.running = None;
            state.over
        };
        if over {
            loop {
                thread::park();
            }
        }
    }
}

/// Waits for the first call whose time is over.
fn first_late(shared: &Shared) -> Late {
    let mut state = shared.lock();
    loop {
        let now = Instant::now();
        state = match state.running.take_if(|running| running.until <= now) {
            Some(Running { began, id, trace, waiting, failed, .. }) => {
                state.over = true;
                return Late { id, trace, after: now - began, left: failed.into_iter().chain(waiting).collect() };
            }
            None => {
                state.wakes = state.running.as_ref().map(|running| running.until);
                match state.wakes {
                    Some(until) => {
                        shared.changed.wait_timeout(state, until - now).unwrap_or_else(PoisonError::into_inner).0
                    }
                    None => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_call_that_ends_is_not_late_and_one_that_does_not_is() {
        let (sender, late) = channel();
        let watch = Watch::start(move |late| sender.send((late.id, late.left)).unwrap()).unwrap();
        for i in 0..100 {
            watch.begin(&i.to_string(), None, Some(Duration::from_secs(900)));
            watch.end();
        }
        watch.begin("for ever", None, None);
        watch.end();
        assert!(late.try_recv().is_err());
        watch.begin("soon", None, Some(Duration::from_millis(100)));
        watch.batch(&["a".into(), "b".into(), "c".into(), "d".into()]);
        watch.settle(false);
        watch.settle(true);
        assert_eq!(late.recv().unwrap(), ("soon".into(), vec!["b".into(), "c".into(), "d".into()]));
    }

    #[test]
    fn a_deadline_holds_after_others_that_were_kept() {
        let (sender, late) = channel();
        let watch = Watch::start(move |late| sender.send(late.id).unwrap()).unwrap();
        watch.begin("kept", None, Some(Duration::from_millis(50)));
        watch.end();
        watch.begin("missed", None, Some(Duration::from_millis(200)));
        assert_eq!(late.recv().unwrap(), "missed");
    }
}
