//! What an event asks for: a call with its inputs, or an HTTP request that came through a function URL or an API Gateway.

use crate::app::{App, Failure};
use crate::route::{self, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_format::ir::Entry;
use mu_format::prefer;
use serde_json::{Map, Value as Json, json};

pub enum Answer {
    Json(Json),
    /// Its type and its text.
    Error(&'static str, String),
}

/// Answers one event. `entry` is the function that events are for, where that is clear.
pub fn answer(app: &App, entry: Option<&Entry>, event: &[u8]) -> Answer {
    let event: Json = match serde_json::from_slice(event) {
        Ok(event) => event,
        Err(e) => return Answer::Error("BadRequest", format!("the event is no JSON: {e}")),
    };
    if let Some(http) = event.pointer("/requestContext/http").and_then(Json::as_object) {
        return Answer::Json(over_http(app, entry, &event, http));
    }
    let Some(entry) = entry else {
        let names = app.names();
        return Answer::Error(
            "Handler",
            format!("name one of {names} as the handler: the bundle has several functions"),
        );
    };
    match app.call_json(entry, event, None) {
        Ok(json) => Answer::Json(json),
        Err(Failure::Wrong(message)) => Answer::Error("BadRequest", message),
        Err(Failure::Failed(message)) => Answer::Error("Failed", message),
    }
}

/// An event in payload format 2.0 and its answer, which says the HTTP status.
fn over_http(app: &App, entry: Option<&Entry>, event: &Json, http: &Map<String, Json>) -> Json {
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_string();
    let headers = event.get("headers").and_then(Json::as_object);
    let header = |wanted: &str| {
        let found = headers.and_then(|h| h.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)));
        found.and_then(|(_, value)| value.as_str()).map(str::to_string)
    };
    let body = text(event.get("body"));
    let encoded = event.get("isBase64Encoded").and_then(Json::as_bool).unwrap_or_default();
    let body = if encoded { STANDARD.decode(body) } else { Ok(body.into_bytes()) };
    let reply = match body {
        Ok(body) => {
            let request = Request {
                method: text(http.get("method")),
                path: text(event.get("rawPath").or_else(|| http.get("path"))),
                content_type: header("content-type").unwrap_or_default(),
                prefer: header(prefer::HEADER),
                body,
            };
            route::answer(app, request, entry)
        }
        Err(e) => route::Reply::error(400, format!("the body is no base64: {e}")),
    };
    let mut headers = Map::new();
    headers.insert("content-type".into(), "application/json".into());
    if let Some(allow) = reply.allow {
        headers.insert("allow".into(), allow.into());
    }
    json!({"statusCode": reply.status, "headers": headers, "body": reply.body.to_string(), "isBase64Encoded": false})
}
