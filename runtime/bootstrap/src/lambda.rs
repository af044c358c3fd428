//! The Lambda Runtime API: takes events and posts answers, until the environment is taken down.

mod client;
mod event;

use crate::app::App;
use crate::stop;
use client::{Client, Event};
use event::Answer;
use mu_format::ir::Entry;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

/// The most that an answer may hold, in bytes.
const MOST_BYTES: usize = 6 << 20;

/// Where a bundle runs and which function its events are for.
pub struct Environment<'a> {
    /// `AWS_LAMBDA_RUNTIME_API`: host and port, and a path where an emulator serves many functions.
    pub api: &'a str,
    /// `_HANDLER`
    pub handler: &'a str,
}

/// Handles events until the process is asked to stop. An error means that the bundle could not start or the API is gone; what
/// goes wrong with an event is that event's answer.
pub async fn run(folder: &Path, environment: Environment<'_>) -> Result<(), String> {
    let mut stop = std::pin::pin!(stop::requested()?);
    let mut client = Client::new(environment.api)?;
    let app = match start(folder) {
        Ok(app) => Arc::new(app),
        Err(message) => {
            client.init_error(&error_json("Bundle", &message)).await.ok();
            return Err(message);
        }
    };
    loop {
        let event = tokio::select! {
            event = client.next() => event?,
            () = &mut stop => return Ok(()),
        };
        let id = event.id.clone();
        let answer = handle(&app, environment.handler, event).await;
        match answer {
            Ok(answer) => client.respond(&id, answer).await?,
            Err((kind, message)) => client.fail(&id, kind, &error_json(kind, &message)).await?,
        }
    }
}

fn start(folder: &Path) -> Result<App, String> {
    let app = App::load(folder)?;
    app.warm()?;
    Ok(app)
}

fn error_json(kind: &str, message: &str) -> Json {
    json!({"errorType": kind, "errorMessage": message, "stackTrace": []})
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

/// The answer's bytes, or the type and the text of an error.
async fn handle(app: &Arc<App>, name: &str, event: Event) -> Result<Vec<u8>, (&'static str, String)> {
    const LATE: &str = "the call was not done when its time was over";
    let left = event.deadline.map(time_left).transpose().map_err(|_| ("Deadline", LATE.to_string()))?;
    let (app, name) = (app.clone(), name.to_string());
    let work = tokio::task::spawn_blocking(move || event::answer(&app, handler(&app, &name), &event.body));
    let done = match left {
        Some(left) => tokio::time::timeout(left, work).await.map_err(|_| ("Deadline", LATE.to_string()))?,
        None => work.await,
    };
    let answer = done.map_err(|_| ("Internal", "the call broke down; this is a bug in MuLambda".to_string()))?;
    let bytes = match answer {
        Answer::Json(json) => json.to_string().into_bytes(),
        Answer::Error(kind, message) => return Err((kind, message)),
    };
    if bytes.len() > MOST_BYTES {
        return Err(("TooLarge", format!("the answer has {} bytes, more than Lambda's {MOST_BYTES}", bytes.len())));
    }
    Ok(bytes)
}
