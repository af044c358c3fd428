//! The Lambda Runtime API, played by a server that hands out events and keeps what is posted.

use crate::common::{Running, bootstrap, digit_bundle, folder, picture};
use crate::http::{Message, read};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

/// A runtime on a bundle, its events, and what it posts.
pub struct Lambda {
    process: Running,
    posted: Receiver<Message>,
}

const FAR: u64 = 9_000_000_000_000;
/// In 2001.
const PAST: u64 = 1_000_000_000_000;

pub fn start(bundle: &Path, handler: &str, events: Vec<(u64, Vec<u8>)>) -> Lambda {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("{}/.rt/digits", listener.local_addr().unwrap());
    let (sender, posted) = channel();
    std::thread::spawn(move || {
        let mut events = events.into_iter().enumerate();
        while let Ok((stream, _)) = listener.accept() {
            let mut out = stream.try_clone().unwrap();
            let mut stream = BufReader::new(stream);
            while let Some(message) = read(&mut stream) {
                assert!(message.first.contains(" /.rt/digits/2018-06-01/runtime/"), "{}", message.first);
                let reply = if message.first.starts_with("GET") {
                    // Without an event the runtime waits for ever.
                    let Some((i, (deadline, event))) = events.next() else { continue };
                    let head = format!("lambda-runtime-aws-request-id: {i}\r\nlambda-runtime-deadline-ms: {deadline}");
                    let mut reply =
                        format!("HTTP/1.1 200 OK\r\n{head}\r\ncontent-length: {}\r\n\r\n", event.len()).into_bytes();
                    reply.extend(event);
                    reply
                } else {
                    sender.send(message).ok();
                    b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_vec()
                };
                if out.write_all(&reply).is_err() {
                    break;
                }
            }
        }
    });
    let mut command = bootstrap();
    command.arg("--bundle").arg(bundle).env("AWS_LAMBDA_RUNTIME_API", api).env("_HANDLER", handler);
    Lambda { process: Running::start(&mut command), posted }
}

impl Lambda {
    /// The part of the path after `runtime/`, and the body, of what is posted next.
    pub fn next(&self) -> (String, Value) {
        let message = self.posted.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        let path = message.first.split("/runtime/").nth(1).unwrap().split(' ').next().unwrap().to_string();
        (path, message.json())
    }
}

pub fn event(json: Value) -> (u64, Vec<u8>) {
    (FAR, json.to_string().into_bytes())
}

#[test]
fn events_are_answered_one_after_the_other_and_a_bad_one_ends_nothing() {
    let seven = STANDARD.encode(std::fs::read(picture("seven.png")).unwrap());
    let events = vec![
        event(json!({"image": seven})),
        event(json!({"image": "aGVsbG8="})),
        (FAR, b"no json".to_vec()),
        event(json!({"picture": seven})),
        (PAST, json!({"image": seven}).to_string().into_bytes()),
        event(json!({"image": seven})),
    ];
    let mut lambda = start(&digit_bundle("lambda_events"), "read_digit", events);
    assert_eq!(lambda.next(), ("invocation/0/response".into(), json!("7")));
    for (id, kind, part) in [
        (1, "BadRequest", "$.image: "),
        (2, "BadRequest", "the event is no JSON"),
        (3, "BadRequest", "$.picture: `read_digit` has no such input"),
        (4, "Deadline", "its time was over"),
    ] {
        let (path, error) = lambda.next();
        assert_eq!((path, &error["errorType"]), (format!("invocation/{id}/error"), &json!(kind)));
        assert!(error["errorMessage"].as_str().unwrap().contains(part), "{error}");
    }
    assert_eq!(lambda.next(), ("invocation/5/response".into(), json!("7")));
    assert!(lambda.process.terminate().success());
}

#[test]
fn a_call_that_takes_longer_than_its_time_is_answered_with_an_error() {
    // As the emulator says it: 300 ms are left. The call would take minutes.
    let list = (0..32).collect::<Vec<i32>>();
    let spin = (300, json!({"xs": list}).to_string().into_bytes());
    let mut lambda = start(&digit_bundle("lambda_late"), "spin", vec![spin]);
    let (path, error) = lambda.next();
    assert_eq!((path.as_str(), &error["errorType"]), ("invocation/0/error", &json!("Deadline")));
    assert!(lambda.process.terminate().success());
}

#[test]
fn a_function_url_is_answered_with_status_and_body() {
    let seven = STANDARD.encode(std::fs::read(picture("seven.png")).unwrap());
    let url = |method: &str, path: &str, kind: &str, body: &str, encoded: bool| {
        event(json!({
            "version": "2.0", "rawPath": path, "headers": {"Content-Type": kind}, "body": body, "isBase64Encoded": encoded,
            "requestContext": {"http": {"method": method, "path": path}},
        }))
    };
    let events = vec![
        url("POST", "/", "image/png", &seven, true),
        url("POST", "/halves", "application/json", r#"{"x": 1, "n": 2}"#, false),
        url("GET", "/", "", "", false),
        url("POST", "/none", "application/json", "{}", false),
        url("DELETE", "/halves", "application/json", "", false),
        url("POST", "/", "image/png", "%", true),
    ];
    let lambda = start(&digit_bundle("lambda_url"), "read_digit", events);
    let statuses = (0..6).map(|i| {
        let (path, reply) = lambda.next();
        assert_eq!(path, format!("invocation/{i}/response"));
        assert_eq!(reply["headers"]["content-type"], json!("application/json"));
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        (reply["statusCode"].as_u64().unwrap(), body)
    });
    let replies: Vec<(u64, Value)> = statuses.collect();
    assert_eq!(replies.iter().map(|r| r.0).collect::<Vec<_>>(), [200, 200, 200, 404, 405, 400]);
    assert_eq!((&replies[0].1, &replies[1].1), (&json!("7"), &json!(0.5)));
    assert_eq!(replies[2].1["functions"].as_array().unwrap().len(), 5);
}

#[test]
fn a_handler_that_names_none_of_several_functions_is_said_so() {
    let lambda = start(&digit_bundle("lambda_handler"), "bootstrap", vec![event(json!({"x": 1}))]);
    let (path, error) = lambda.next();
    assert_eq!((path.as_str(), &error["errorType"]), ("invocation/0/error", &json!("Handler")));
    assert!(error["errorMessage"].as_str().unwrap().contains("`read_digit`, `rank_digit`"));
}

#[test]
fn a_broken_bundle_is_an_init_error() {
    let mut lambda = start(&folder("lambda_broken"), "f", Vec::new());
    let (path, error) = lambda.next();
    assert_eq!(path, "init/error");
    assert!(error["errorMessage"].as_str().unwrap().contains("bundle.json"), "{error}");
    assert_eq!(lambda.process.0.wait().unwrap().code(), Some(3));
}

#[test]
fn without_an_api_the_runtime_ends_with_status_3() {
    let bundle = digit_bundle("lambda_gone");
    let output = bootstrap().arg("--bundle").arg(bundle).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot reach the Runtime API at 127.0.0.1:1"));
}
