//! The calls of the Runtime API, over one connection that is kept, and opened anew where it broke.

use super::http::{Connection, Request, Response, TooLarge};
use super::log;
use crate::route::MOST_BYTES;
use serde_json::Value as Json;
use std::thread::sleep;
use std::time::Duration;

const VERSION: &str = "2018-06-01/runtime";

/// The pauses before each further try of a request. Then the API counts as gone.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_millis(10), Duration::from_millis(100)];
/// The pause after the API had no event.
const NOTHING: Duration = Duration::from_millis(10);
/// The most that the API may say to an answer, in bytes.
const MOST_SAID: usize = 64 << 10;

/// An invocation.
pub struct Event {
    pub id: String,
    /// When it must be answered, in milliseconds since 1970.
    pub deadline: Option<u64>,
    /// `Lambda-Runtime-Trace-Id`
    pub trace: Option<String>,
    /// An event over [`MOST_BYTES`] is not read.
    pub body: Result<Vec<u8>, TooLarge>,
}

pub struct Client {
    /// Host and port.
    host: String,
    /// What stands before the API's own path; empty or starting with `/`.
    prefix: String,
    connection: Option<Connection>,
}

impl Client {
    /// `api` is `HOST:PORT` or `HOST:PORT/PREFIX`. Nothing is sent yet.
    pub fn new(api: &str) -> Result<Client, String> {
        let api = api.strip_prefix("http://").unwrap_or(api).trim_end_matches('/');
        let (host, prefix) =
            api.split_once('/').map_or((api, String::new()), |(host, path)| (host, format!("/{path}")));
        if host.is_empty() || !api.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("AWS_LAMBDA_RUNTIME_API names no host".into());
        }
        Ok(Client { host: host.to_string(), prefix, connection: None })
    }

    /// The same API over a connection of its own.
    pub fn another(&self) -> Client {
        Client { host: self.host.clone(), prefix: self.prefix.clone(), connection: None }
    }

    /// Waits for the next invocation, however long.
    pub fn next(&mut self) -> Result<Event, String> {
        let path = format!("{}/{VERSION}/invocation/next", self.prefix);
        let request = Request { method: "GET", path: &path, headers: &[], body: &[], waits: true, most: MOST_BYTES };
        loop {
            let response = self.exchange(&request)?;
            match response.status {
                204 => sleep(NOTHING),
                200..300 => return event(response),
                // Lambda's documentation: the runtime should end, it is started anew.
                status => return Err(format!("the Runtime API at {} gave no event but status {status}", self.host)),
            }
        }
    }

    pub fn respond(&mut self, id: &str, answer: &[u8]) -> Result<(), String> {
        self.post(&format!("invocation/{id}/response"), &[], answer)
    }

    pub fn fail(&mut self, id: &str, kind: &str, error: &Json) -> Result<(), String> {
        let headers = [("lambda-runtime-function-error-type", kind)];
        self.post(&format!("invocation/{id}/error"), &headers, error.to_string().as_bytes())
    }

    pub fn init_error(&mut self, error: &Json) -> Result<(), String> {
        let headers = [("lambda-runtime-function-error-type", "Runtime.InitError")];
        self.post("init/error", &headers, error.to_string().as_bytes())
    }

    /// A refused answer is told in the log; the next event may do better.
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(), String> {
        let whole = format!("{}/{VERSION}/{path}", self.prefix);
        let request = Request { method: "POST", path: &whole, headers, body, waits: false, most: MOST_SAID };
        let response = self.exchange(&request)?;
        if !(200..300).contains(&response.status) {
            let said = response.body.unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            log::warn(&format!("the Runtime API refused {path} with status {}: {said}", response.status));
        }
        Ok(())
    }

    /// Sends a request until it is answered. What was sent twice since the first answer was cut off does no harm: the API takes
    /// one answer for an event.
    fn exchange(&mut self, request: &Request<'_>) -> Result<Response, String> {
        let mut pauses = AGAIN.into_iter();
        loop {
            let failure = match self.attempt(request) {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            match pauses.next() {
                Some(pause) => sleep(pause),
                None => return Err(failure),
            }
        }
    }

    fn attempt(&mut self, request: &Request<'_>) -> Result<Response, String> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.host)
                .map_err(|e| format!("cannot reach the Runtime API at {}: {e}", self.host))?,
        };
        let response = connection.exchange(request);
        let response = response.map_err(|e| format!("the Runtime API at {} does not answer: {e}", self.host))?;
        self.connection = response.keep.then_some(connection);
        Ok(response)
    }
}

fn event(response: Response) -> Result<Event, String> {
    let header = |name: &str| response.header(name).map(str::to_string);
    // The id becomes a part of a path.
    let plain = |id: &String| {
        !id.is_empty() && id.len() <= 256 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let id = header("lambda-runtime-aws-request-id").filter(plain);
    let id = id.ok_or("the Runtime API gave an event without an id that can be answered")?;
    let deadline = header("lambda-runtime-deadline-ms").and_then(|ms| ms.parse().ok());
    let trace = header("lambda-runtime-trace-id");
    Ok(Event { id, deadline, trace, body: response.body })
}
