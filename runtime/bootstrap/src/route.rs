//! What an HTTP request asks for and what it is answered, whoever carried it: our server or a Lambda function URL.

use crate::app::{App, Failure};
use mu_format::input;
use mu_format::ir::Entry;
use mu_format::prefer::{self, Weights};
use mu_format::types::Type;
use mu_format::value::Value;
use serde_json::{Value as Json, json};

/// The most that a request's body may hold, in bytes; the same as on Lambda.
pub const MOST_BYTES: usize = 6 << 20;

pub struct Request {
    pub method: String,
    /// Starts with `/`, without the query.
    pub path: String,
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
}

impl Reply {
    fn ok(body: Json) -> Reply {
        Reply { status: 200, allow: None, body }
    }

    pub fn error(status: u16, message: impl Into<String>) -> Reply {
        Reply { status, allow: None, body: json!({"error": message.into()}) }
    }

    fn only(allow: &'static str) -> Reply {
        Reply { allow: Some(allow), ..Reply::error(405, format!("only {allow} is served here")) }
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
    match request.path.trim_start_matches('/') {
        "health" if get => Reply::ok(json!({"status": "ok"})),
        "health" => Reply::only("GET"),
        "" if get => Reply::ok(app.describe()),
        "" => match root {
            Some(entry) if post => call(app, entry, request),
            Some(_) => Reply::only("GET, POST"),
            None => Reply::only("GET"),
        },
        name => match app.entry(name) {
            Ok(entry) if post => call(app, entry, request),
            Ok(_) => Reply::only("POST"),
            Err(message) => Reply::error(404, message),
        },
    }
}

fn call(app: &App, entry: &Entry, request: Request) -> Reply {
    let kind = request.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = kind.is_empty() || kind == "application/json" || kind.ends_with("+json");
    let weights = match request.prefer.as_deref().map(Weights::from_text).transpose() {
        Ok(weights) => weights,
        Err(message) => return Reply::error(400, format!("{}: {message}", prefer::HEADER)),
    };
    let answer = if json {
        match serde_json::from_slice(&request.body) {
            Ok(event) => app.call_json(entry, event, weights),
            Err(e) => Err(Failure::Wrong(format!("the body is no JSON: {e}"))),
        }
    } else {
        match single(app, entry, &kind, request.body) {
            Ok(value) => value.map_err(Failure::Wrong).and_then(|value| app.call(entry, vec![value], weights.as_ref())),
            Err(reply) => return reply,
        }
    };
    answer.map_or_else(Reply::from, Reply::ok)
}

/// The one argument that a body of another type than JSON is; an error reply where the function takes no such body.
fn single(app: &App, entry: &Entry, kind: &str, body: Vec<u8>) -> Result<Result<Value, String>, Reply> {
    let [param] = entry.params.as_slice() else {
        let count = entry.params.len();
        let message = format!("`{}` takes {count} inputs: send them as a JSON object (application/json)", entry.name);
        return Err(Reply::error(415, message));
    };
    let fits = match kind {
        "image/png" | "image/jpeg" => param.ty == Type::Image,
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => param.ty == Type::Audio,
        "text/plain" => param.ty == Type::Text,
        "application/octet-stream" => {
            matches!(param.ty, Type::Image | Type::Audio | Type::Bytes | Type::Tensor(..))
        }
        _ => false,
    };
    if !fits {
        let also = match param.ty {
            Type::Image => ", image/png or image/jpeg",
            Type::Audio => " or audio/wav",
            Type::Text => " or text/plain",
            Type::Bytes | Type::Tensor(..) => " or application/octet-stream",
            _ => "",
        };
        return Err(Reply::error(415, format!("`{}` takes application/json{also}, not {kind}", entry.name)));
    }
    Ok(input::from_bytes(body, &param.ty, &app.program().labels, &format!("$.{}", param.name)))
}
