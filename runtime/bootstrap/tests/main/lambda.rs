//! Events on Lambda: what each kind is answered, that a bad one ends nothing, and what happens at a deadline.

use crate::common::{bootstrap, digit_bundle, folder, picture};
use crate::runtime_api::{FAR, Step, event, start};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// In 2001.
const PAST: u64 = 1_000_000_000_000;

fn seven() -> String {
    STANDARD.encode(std::fs::read(picture("seven.png")).unwrap())
}

/// An event that would take minutes, with 300 ms for it, as the emulator says it.
fn endless() -> Step {
    let list = (0..32).collect::<Vec<i32>>();
    Step::Event(300, json!({"xs": list}).to_string().into_bytes())
}

#[test]
fn events_are_answered_one_after_the_other_and_a_bad_one_ends_nothing() {
    let seven = seven();
    let events = vec![
        event(json!({"image": seven})),
        event(json!({"image": "aGVsbG8="})),
        Step::Event(FAR, b"no json".to_vec()),
        event(json!({"picture": seven})),
        Step::Event(PAST, json!({"image": seven}).to_string().into_bytes()),
        event(json!({"image": seven})),
    ];
    let lambda = start(&digit_bundle("lambda_events"), "read_digit", events);
    lambda.answers("0", json!("7"));
    lambda.fails("1", "BadRequest", "$.image: ");
    lambda.fails("2", "BadRequest", "the event is no JSON");
    lambda.fails("3", "BadRequest", "$.picture: `read_digit` has no such input");
    lambda.fails("4", "Deadline", "its time was over");
    lambda.answers("5", json!("7"));
    lambda.end();
}

#[test]
fn hostile_events_are_each_answered_with_an_error() {
    let text = |text: &str| Step::Event(FAR, text.as_bytes().to_vec());
    let long = format!(r#"{{"x": 1, "n": 1, "m": "{}"}}"#, "a".repeat(6_000_000));
    let over = format!(r#"{{"x": 1, "n": 1, "m": "{}"}}"#, "a".repeat(6 << 20));
    let cases = vec![
        (text(""), "the event is no JSON"),
        (text("null"), "expected a JSON object"),
        (text("[{}]"), "expected a JSON object"),
        (text(&"[".repeat(5_000_000)), "the event is no JSON: recursion limit"),
        (text(&r#"{"x":"#.repeat(1_000_000)), "the event is no JSON: recursion limit"),
        (text(r#"{"x": NaN, "n": 1}"#), "the event is no JSON"),
        (text(r#"{"x": 1e999, "n": 1}"#), "out of range"),
        (text(r#"{"x": 1e39, "n": 1}"#), "out of range for an f32"),
        (text(r#"{"x": 1, "n": 9223372036854775808}"#), "out of range"),
        (text(r#"{"x": "1", "n": 1}"#), "$.x: expected a number, found a string"),
        (text("{\"x\": 1, \"n\": 1, \"\u{1F600}\": 2}"), "no such input"),
        (text(&long), "$.m: `halves` has no such input"),
        (text(&over), "the event is larger than 6291456 bytes"),
        (Step::Event(FAR, b"{\"x\": \"\xff\"}".to_vec()), "the event is no JSON"),
        (text(r#"{"Records": []}"#), "$.Records: `halves` has no such input"),
        (text(r#"{"Records": [{"eventSource": "aws:sqs"}]}"#), "no `messageId`"),
        (text(r#"{"httpMethod": "POST", "requestContext": {}, "body": "{}"}"#), "format 2.0"),
        (text(r#"{"requestContext": {"http": 3}}"#), "$.requestContext: `halves` has no such input"),
    ];
    let (mut events, parts): (Vec<Step>, Vec<&str>) = cases.into_iter().unzip();
    events.push(event(json!({"x": 1, "n": 2})));
    let lambda = start(&digit_bundle("lambda_hostile"), "halves", events);
    parts.iter().enumerate().for_each(|(i, part)| lambda.fails(&i.to_string(), "BadRequest", part));
    lambda.answers(&parts.len().to_string(), json!(0.5));
    lambda.end();
}

#[test]
fn an_answer_that_json_cannot_say_is_an_error_of_the_function() {
    let lambda = start(&digit_bundle("lambda_failed"), "halves", vec![event(json!({"x": 1, "n": 0}))]);
    lambda.fails("0", "Failed", "infinite");
}

#[test]
fn an_answer_over_the_limit_of_lambda_is_an_error() {
    // Some letters are longer in capitals.
    let text = "\u{149}".repeat(3_000_000);
    let lambda = start(&digit_bundle("lambda_large"), "shout", vec![event(json!({"text": text}))]);
    lambda.fails("0", "TooLarge", "more than Lambda's 6291456");
}

#[test]
fn after_a_deadline_the_next_event_is_answered_by_the_same_process_started_anew() {
    let events = vec![endless(), event(json!({"xs": []})), endless(), event(json!({"xs": [3]}))];
    let lambda = start(&digit_bundle("lambda_late"), "spin", events);
    lambda.fails("0", "Deadline", "its time was over");
    lambda.answers("1", json!([]));
    lambda.fails("2", "Deadline", "its time was over");
    lambda.answers("3", json!([3]));
    lambda.end();
}

/// An event of a function URL.
fn url(method: &str, path: &str, query: &str, kind: &str, body: &str, encoded: bool) -> Step {
    event(json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "cookies": ["a=b"],
        "headers": {"Content-Type": kind, "x-forwarded-for": "203.0.113.7"}, "body": body, "isBase64Encoded": encoded,
        "requestContext": {"accountId": "anonymous", "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"}},
    }))
}

#[test]
fn a_function_url_is_answered_with_status_and_body() {
    let large = "a".repeat(6 << 20 | 1);
    let (seven, text, broken) = (seven(), STANDARD.encode("née"), STANDARD.encode(b"\xff"));
    let post = |path, kind, body, encoded| url("POST", path, "", kind, body, encoded);
    let cases = vec![
        (post("/", "image/png", &seven, true), 200, json!("7")),
        (post("/halves", "application/json", r#"{"x": 1, "n": 2}"#, false), 200, json!(0.5)),
        (post("/shout", "text/plain; charset=utf-8", &text, true), 200, json!("NÉE")),
        (url("GET", "/shout", "text=a%20b%2B+%C3%A9", "", "", false), 200, json!("A B+ É")),
        (url("POST", "/halves", "n=4", "application/json", r#"{"x": 1}"#, false), 200, json!(0.25)),
        (url("GET", "/health", "", "", "", false), 200, json!({"status": "ok"})),
        (post("/none", "application/json", "{}", false), 404, json!("there is no function `none`")),
        (url("DELETE", "/halves", "", "application/json", "", false), 405, json!("only POST")),
        (url("GET", "/halves", "", "", "", false), 405, json!("only POST")),
        (post("/", "image/png", "%", true), 400, json!("the body is no base64")),
        (post("/", "image/gif", &seven, true), 415, json!("not image/gif")),
        (post("/shout", "text/plain", &broken, true), 400, json!("no UTF-8")),
        (post("/halves", "application/json", r#"{"x": 1, "n": 0}"#, false), 500, json!("infinite")),
        (url("GET", "/halves", "n=4", "", "", false), 400, json!("$.x: the input is missing")),
        (url("GET", "/halves", "n=4&n=5&x=1", "", "", false), 400, json!("gives this input twice")),
        (url("GET", "/halves", "n=4&x=1&y=1", "", "", false), 400, json!("$.y: `halves` has no such input")),
        (url("GET", "/shout", "text=%ff", "", "", false), 400, json!("no UTF-8")),
        (url("POST", "/halves", "n=4", "", r#"{"x": 1, "n": 2}"#, false), 400, json!("the query gives this input too")),
    ];
    let mut events = Vec::new();
    let mut expected: Vec<(u64, Value)> = Vec::new();
    for (event, status, said) in cases {
        events.push(event);
        expected.push((status, said));
    }
    let bundle = digit_bundle("lambda_url");
    let lambda = start(&bundle, "read_digit", events);
    for (i, (status, said)) in expected.iter().enumerate() {
        let (path, reply) = lambda.next();
        assert_eq!((path, &reply["statusCode"]), (format!("invocation/{i}/response"), &json!(status)), "{reply}");
        assert_eq!(reply["headers"]["content-type"], json!("application/json"));
        assert_eq!(reply["isBase64Encoded"], json!(false));
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        match status {
            200 => assert_eq!(&body, said),
            _ => assert!(body["error"].as_str().unwrap().contains(said.as_str().unwrap()), "{said} is not in: {body}"),
        }
        assert_eq!(*status == 405, reply["headers"].get("allow").is_some());
    }
    lambda.end();
    let listed = start(&bundle, "read_digit", vec![url("GET", "/", "", "", "", false)]).next().1;
    let listed: Value = serde_json::from_str(listed["body"].as_str().unwrap()).unwrap();
    assert_eq!(listed["functions"].as_array().unwrap().len(), 5);
    // A body that would be too large has to be told from an event that is.
    let too_large = start(&bundle, "shout", vec![post("/", "text/plain", &large, false)]);
    too_large.fails("0", "BadRequest", "the event is larger than");
}

/// A message of a queue.
fn message(id: &str, body: &str, group: Option<&str>) -> Value {
    let attributes = json!({"ApproximateReceiveCount": "1", "MessageGroupId": group});
    json!({
        "messageId": id, "receiptHandle": "x", "body": body, "attributes": attributes, "messageAttributes": {},
        "md5OfBody": "x", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:1:q", "awsRegion": "x",
    })
}

#[test]
fn of_a_batch_only_the_messages_that_failed_come_again() {
    let good = r#"{"x": 1, "n": 2}"#;
    let batch = |messages: Vec<Value>| event(json!({ "Records": messages }));
    let events = vec![
        batch(vec![message("a", good, None), message("b", "no json", None), message("c", r#"{"x": 1}"#, None)]),
        batch(vec![message("a", good, None), message("b", good, None)]),
        // The messages of a group keep their order.
        batch(vec![
            message("a", good, Some("one")),
            message("b", "{}", Some("one")),
            message("c", good, Some("two")),
            message("d", good, Some("one")),
        ]),
        batch(vec![message("a", &"[".repeat(100_000), None), message("b", r#"{"x": 1, "n": 0}"#, None)]),
    ];
    let lambda = start(&digit_bundle("lambda_batch"), "halves", events);
    for (i, failed) in [&["b", "c"][..], &[], &["b", "d"], &["a", "b"]].iter().enumerate() {
        let failed: Vec<Value> = failed.iter().map(|id| json!({"itemIdentifier": id})).collect();
        lambda.answers(&i.to_string(), json!({"batchItemFailures": failed}));
    }
    lambda.end();
}

#[test]
fn at_the_deadline_of_a_batch_what_was_done_stays_done() {
    let list = (0..32).collect::<Vec<i32>>();
    let bodies = [json!({"xs": [1]}), json!({"ys": 1}), json!({"xs": []}), json!({"xs": list}), json!({"xs": []})];
    let records = bodies.iter().zip(["a", "b", "c", "d", "e"]);
    let records: Vec<Value> = records.map(|(body, id)| message(id, &body.to_string(), None)).collect();
    let batch = Step::Event(500, json!({ "Records": records }).to_string().into_bytes());
    let lambda = start(&digit_bundle("lambda_late_batch"), "spin", vec![batch, event(json!({"xs": []}))]);
    let failed: Vec<Value> = ["b", "d", "e"].iter().map(|id| json!({"itemIdentifier": id})).collect();
    lambda.answers("0", json!({"batchItemFailures": failed}));
    lambda.answers("1", json!([]));
}

#[test]
fn a_handler_that_names_none_of_several_functions_is_said_so() {
    let lambda = start(&digit_bundle("lambda_handler"), "bootstrap", vec![event(json!({"x": 1}))]);
    lambda.fails("0", "Handler", "`read_digit`, `rank_digit`");
}

#[test]
fn a_broken_bundle_is_an_init_error() {
    let mut lambda = start(&folder("lambda_broken"), "f", Vec::new());
    let message = lambda.posted();
    assert!(message.first.contains("/runtime/init/error "), "{}", message.first);
    assert_eq!(message.header("lambda-runtime-function-error-type"), Some("Runtime.InitError"));
    let error = message.json();
    assert_eq!(error["errorType"], json!("Bundle"));
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

/// The processor time that a process has used, in ticks of 10 ms.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name may hold anything but ends with the last bracket.
    stat.rsplit(')').next().unwrap().split(' ').nth(12).unwrap().parse().unwrap()
}

#[test]
fn an_event_that_is_in_work_is_answered_before_the_process_ends() {
    let list = (0..11).collect::<Vec<i32>>();
    let events = vec![event(json!({"xs": [1]})), event(json!({"xs": list})), event(json!({"xs": [2]}))];
    let mut lambda = start(&digit_bundle("lambda_stop"), "spin", events);
    lambda.answers("0", json!([1]));
    let process = lambda.process.0.id();
    let before = ticks(process);
    // So much is used by nothing but the second event.
    while ticks(process) < before + 4 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(lambda.process.terminate().success());
    lambda.answers("1", json!(list));
    assert!(lambda.nothing_more());
}
