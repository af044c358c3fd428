//! The Lambda Runtime API: takes events and posts answers, until the environment is taken down.

mod batch;
mod client;
mod deadline;
mod event;
mod http;
mod log;
mod models;
mod stop;
mod url;

use crate::app::App;
use crate::route::MOST_BYTES;
use client::{Client, Event};
use deadline::{Late, Watch};
use event::{Outcome, Problem, WRONG};
use log::{Ids, Log, Note};
use mu_format::ir::Entry;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, SystemTimeError, UNIX_EPOCH};
use stop::Stop;

/// Where a bundle runs and which function its events are for.
pub struct Environment {
    /// `AWS_LAMBDA_RUNTIME_API`: host and port, and a path where an emulator serves many functions.
    pub api: String,
    /// `_HANDLER`; empty where it is not set.
    pub handler: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`
    pub function: Option<String>,
    /// `AWS_LAMBDA_FUNCTION_VERSION`
    pub version: Option<String>,
    /// Whether events are logged: `MU_LOG` is not `off`.
    pub log: bool,
}

impl Environment {
    /// As the variables of the process say; `None` where they name no Runtime API.
    pub fn of_process() -> Option<Environment> {
        let variable = |name: &str| std::env::var(name).ok();
        Some(Environment {
            api: variable("AWS_LAMBDA_RUNTIME_API")?,
            handler: variable("_HANDLER").unwrap_or_default(),
            function: variable("AWS_LAMBDA_FUNCTION_NAME"),
            version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
            log: variable("MU_LOG").is_none_or(|log| log != "off"),
        })
    }
}

/// The text of a deadline's error.
const LATE: &str = "the call was not done when its time was over";

/// Handles events until the process is asked to stop. `begun` is when the process was. An error means that the bundle could not
/// start or the API is gone; what goes wrong with an event is that event's answer.
pub fn run(folder: &Path, environment: Environment, begun: Instant) -> Result<(), String> {
    let stop = Stop::catch()?;
    let mut client = Client::new(&environment.api)?;
    let app = match start(folder) {
        Ok(app) => Arc::new(app),
        Err(message) => {
            client.init_error(&Problem::new("Bundle", &message).to_json()).ok();
            return Err(message);
        }
    };
    let entry = handler(&app, &environment.handler);
    let log = Arc::new(log_of(&environment, &app, entry, begun.elapsed()));
    let mut other = client.another();
    let watched = log.clone();
    let watch = Watch::start(move |late| too_late(&mut other, &watched, late))?;
    while !stop.asked() {
        let event = client.next()?;
        stop.hold(|| {
            let began = Instant::now();
            let Outcome { answer, note } = handle(&app, entry, &event, &watch);
            let latency = began.elapsed();
            watch.end();
            match &answer {
                Ok(answer) => client.respond(&event.id, answer)?,
                Err(problem) => client.fail(&event.id, problem.kind, &problem.to_json())?,
            }
            log.event(&Ids { request: &event.id, trace: event.trace.as_deref() }, &note, latency);
            Ok::<(), String>(())
        })?;
    }
    Ok(())
}

fn start(folder: &Path) -> Result<App, String> {
    let app = App::load(folder)?;
    app.warm()?;
    Ok(app)
}

fn log_of(environment: &Environment, app: &Arc<App>, entry: Option<&Entry>, init: Duration) -> Log {
    let function = environment.function.clone().or_else(|| entry.map(|entry| entry.name.clone()));
    let function = function.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".into());
    Log::new(app.clone(), environment.log, function, environment.version.clone(), init)
}

/// The function that `_HANDLER` names, or else the only one there is.
fn handler<'a>(app: &'a App, name: &str) -> Option<&'a Entry> {
    let entries = &app.program().entries;
    let only = match entries.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    entries.iter().find(|entry| entry.name == name).or(only)
}

/// How long a call may take. Lambda gives the moment at which it ends, in milliseconds since 1970; the emulator of `cargo lambda`
/// gives the time that is left, which as a moment would lie in the first days of 1970.
fn time_left(deadline: u64) -> Result<Duration, SystemTimeError> {
    const DAYS: u64 = 30 * 24 * 3600 * 1000;
    let deadline = Duration::from_millis(deadline);
    if deadline < Duration::from_millis(DAYS) {
        return Ok(deadline);
    }
    (UNIX_EPOCH + deadline).duration_since(SystemTime::now())
}

/// Answers an event; where its time is over before it is done, the watcher does.
fn handle(app: &App, entry: Option<&Entry>, event: &Event, watch: &Watch) -> Outcome {
    let refused = |problem: Problem| {
        let note = Note { errors: 1, kind: Some(problem.kind), message: problem.loggable(), ..Note::default() };
        Outcome { answer: Err(problem), note }
    };
    let Ok(left) = event.deadline.map(time_left).transpose() else { return refused(Problem::new("Deadline", LATE)) };
    let Ok(body) = &event.body else {
        return refused(Problem::new(WRONG, format!("the event is larger than {MOST_BYTES} bytes")));
    };
    watch.begin(&event.id, event.trace.as_deref(), left);
    event::answer(app, entry, body, watch)
}

/// Answers a call whose time is over, and starts the process anew in its place: so the next event is answered, whatever the call
/// was at.
fn too_late(client: &mut Client, log: &Log, late: Late) {
    let problem = Problem::new("Deadline", LATE);
    let posted = match late.left.as_slice() {
        [] => client.fail(&late.id, problem.kind, &problem.to_json()),
        left => client.respond(&late.id, batch::failures(left).to_string().as_bytes()),
    };
    if let Err(message) = posted {
        log::warn(&message);
    }
    let note = Note {
        errors: late.left.len().max(1),
        kind: Some(problem.kind),
        message: problem.loggable(),
        ..Note::default()
    };
    log.event(&Ids { request: &late.id, trace: late.trace.as_deref() }, &note, late.after);
    let failure = match crate::executable() {
        Ok(path) => Command::new(path).args(std::env::args_os().skip(1)).exec(),
        Err(failure) => failure,
    };
    log::warn(&format!("cannot start anew after a deadline: {failure}"));
    std::process::exit(3)
}
