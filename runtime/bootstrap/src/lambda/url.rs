//! HTTP requests that come through a function URL or an API Gateway, in payload format 2.0, and their answers.

use super::event::{FAILED, WRONG, score};
use super::log::Note;
use crate::app::App;
use crate::route::{self, MOST_BYTES, Refused, Reply, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_format::ir::Entry;
use mu_format::prefer;
use serde_json::{Map, Value as Json, json};

/// Answers a request; the answer says the HTTP status. Where there is an `entry`, it is what `/` calls.
pub fn answer(app: &App, entry: Option<&Entry>, event: &Json, http: &Map<String, Json>, note: &mut Note) -> Json {
    let reply = match request(event, http) {
        Ok(request) => route::answer(app, request, entry),
        Err(refused) => refused.into(),
    };
    note.status = Some(reply.status);
    (note.entry, note.weights) = (reply.entry.clone(), reply.weights.clone());
    let called = reply.entry.as_deref().and_then(|name| app.entry(name).ok());
    note.score = called.and_then(|entry| score(&entry.result, &reply.body));
    if reply.status >= 400 {
        (note.errors, note.kind) = (1, Some(if reply.status < 500 { WRONG } else { FAILED }));
    }
    if reply.status >= 500 {
        note.message = reply.body.get("error").and_then(Json::as_str).map(str::to_string);
    }
    to_json(&reply)
}

fn request(event: &Json, http: &Map<String, Json>) -> Result<Request, Refused> {
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_string();
    let headers = event.get("headers").and_then(Json::as_object);
    let header = |wanted: &str| {
        let found = headers.and_then(|h| h.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)));
        found.and_then(|(_, value)| value.as_str()).map(str::to_string)
    };
    let body = text(event.get("body"));
    let encoded = event.get("isBase64Encoded").and_then(Json::as_bool).unwrap_or_default();
    let body = if encoded { STANDARD.decode(body) } else { Ok(body.into_bytes()) };
    let body = body.map_err(|e| Refused::new(400, format!("the body is no base64: {e}")))?;
    if body.len() > MOST_BYTES {
        return Err(Refused::new(413, format!("the body is larger than {MOST_BYTES} bytes")));
    }
    Ok(Request {
        method: text(http.get("method")),
        path: text(event.get("rawPath").or_else(|| http.get("path"))),
        query: text(event.get("rawQueryString")),
        content_type: header("content-type").unwrap_or_default(),
        prefer: header(prefer::HEADER),
        body,
    })
}

fn to_json(reply: &Reply) -> Json {
    let mut headers = Map::new();
    headers.insert("content-type".into(), "application/json".into());
    if let Some(allow) = reply.allow {
        headers.insert("allow".into(), allow.into());
    }
    json!({"statusCode": reply.status, "headers": headers, "body": reply.body.to_string(), "isBase64Encoded": false})
}
