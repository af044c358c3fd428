//! What an HTTP request asks for and what it is answered, whoever carried it: our server or a Lambda function URL.

use crate::app::{App, Failure};
use crate::inputs;
use mu_format::ir::Entry;
use mu_format::prefer::Weights;
use serde_json::{Value as Json, json};

/// The most that a request's body may hold, in bytes; the same as on Lambda.
pub const MOST_BYTES: usize = 6 << 20;

pub struct Request {
    pub method: String,
    /// Starts with `/`, without the query.
    pub path: String,
    /// What stands after the `?`, as it came; empty where there was none.
    pub query: String,
    /// As it came; empty where there was none.
    pub content_type: String,
    /// The header [`prefer::HEADER`], where it came.
    pub prefer: Option<String>,
    pub body: Vec<u8>,
}

pub struct Reply {
    pub status: u16,
    /// For the header `allow`.
    pub allow: Option<&'static str>,
    pub body: Json,
    /// The function that was called.
    pub entry: Option<String>,
    /// What the request weighed.
    pub weights: Option<Weights>,
}

impl Reply {
    fn ok(body: Json) -> Reply {
        Reply { status: 200, allow: None, body, entry: None, weights: None }
    }

    pub fn error(status: u16, message: impl Into<String>) -> Reply {
        Reply { status, allow: None, body: json!({"error": message.into()}), entry: None, weights: None }
    }

    fn only(allow: &'static str) -> Reply {
        Reply { allow: Some(allow), ..Reply::error(405, format!("only {allow} is served here")) }
    }
}

/// A request that is not carried out.
pub struct Refused {
    pub status: u16,
    pub message: String,
}

impl Refused {
    pub fn new(status: u16, message: impl Into<String>) -> Refused {
        Refused { status, message: message.into() }
    }
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Reply {
        Reply::error(refused.status, refused.message)
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Reply {
        match failure {
            Failure::Wrong(message) => Reply::error(400, message),
            Failure::Failed(message) => Reply::error(500, message),
        }
    }
}

/// Answers a request. Where `root` is given, `POST /` calls it.
pub fn answer(app: &App, request: Request, root: Option<&Entry>) -> Reply {
    let get = request.method == "GET" || request.method == "HEAD";
    let post = request.method == "POST";
    // A function only reads, so its inputs may stand in a query.
    let asks = post || get && !request.query.is_empty();
    match request.path.trim_start_matches('/') {
        "health" if get => Reply::ok(json!({"status": "ok"})),
        "health" => Reply::only("GET"),
        "" => match root {
            Some(entry) if asks => call(app, entry, request),
            _ if get => Reply::ok(app.describe()),
            Some(_) => Reply::only("GET, POST"),
            None => Reply::only("GET"),
        },
        name => match app.entry(name) {
            Ok(entry) if asks => call(app, entry, request),
            Ok(_) => Reply::only("POST"),
            Err(message) => Reply::error(404, message),
        },
    }
}

fn call(app: &App, entry: &Entry, request: Request) -> Reply {
    let reply = match inputs::of_request(app, entry, request) {
        Ok((args, weights)) => {
            let answer = app.call(entry, args, weights.as_ref());
            Reply { weights, ..answer.map_or_else(Reply::from, Reply::ok) }
        }
        Err(refused) => refused.into(),
    };
    Reply { entry: Some(entry.name.clone()), ..reply }
}
