//! The lines that are logged of events: what is in them, which are written, and that CloudWatch can read their metrics.

use crate::common::digit_bundle;
use crate::runtime_api::{Lambda, Step, event, start_with};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The bundle of the digits with settings for the log.
fn observed(name: &str, sample: f64) -> PathBuf {
    let bundle = digit_bundle(name);
    let path = bundle.join("bundle.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["observe"] = json!({"namespace": "Shop/Digits", "sample": sample});
    std::fs::write(path, manifest.to_string()).unwrap();
    bundle
}

fn start(bundle: &Path, handler: &str, events: Vec<Step>) -> Lambda {
    let variables = [("AWS_LAMBDA_FUNCTION_NAME", "shop-digits"), ("AWS_LAMBDA_FUNCTION_VERSION", "7")];
    start_with(bundle, handler, events, Vec::new(), &variables)
}

/// The lines after so many answers.
fn lines(lambda: Lambda, answers: usize) -> Vec<Value> {
    (0..answers).for_each(|_| drop(lambda.posted()));
    let log = lambda.end();
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
}

/// What the published JSON schema of the embedded metric format asks for, and what its text adds: dimensions are members of the
/// root whose values are texts, metrics are members that are numbers or lists of up to 100.
fn check_metrics(line: &Value) {
    const UNITS: &str = "Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|\
        Gigabits|Terabits|Percent|Count|Bytes/Second|Kilobytes/Second|Megabytes/Second|Gigabytes/Second|Terabytes/Second|\
        Bits/Second|Kilobits/Second|Megabits/Second|Gigabits/Second|Terabits/Second|Count/Second|None";
    let root = line.as_object().unwrap();
    let metadata = root["_aws"].as_object().unwrap();
    assert!(metadata["Timestamp"].as_u64().unwrap() > 1_600_000_000_000, "milliseconds since 1970");
    let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty());
    for directive in directives {
        let text = |json: &Value, most: usize| {
            let text = json.as_str().unwrap();
            assert!((1..=most).contains(&text.len()), "{text:?}");
            text.to_string()
        };
        text(&directive["Namespace"], 255);
        let sets = directive["Dimensions"].as_array().unwrap();
        assert!(!sets.is_empty());
        for set in sets {
            assert!(set.as_array().unwrap().len() <= 30);
            for name in set.as_array().unwrap() {
                text(&root[&text(name, 250)], 1024);
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            let metric: &Map<String, Value> = metric.as_object().unwrap();
            assert!(metric.keys().all(|key| ["Name", "Unit", "StorageResolution"].contains(&key.as_str())));
            let value = &root[&text(&metric["Name"], 1024)];
            let numbers = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            assert!(numbers.len() <= 100 && numbers.iter().all(Value::is_number), "{metric:?}: {value}");
            let unit = metric.get("Unit").map_or("None", |unit| unit.as_str().unwrap());
            assert!(UNITS.split('|').any(|known| known == unit), "{unit}");
        }
    }
    assert!(line.to_string().len() < 1 << 20);
}

/// The metrics that a line declares.
fn declared(line: &Value) -> Vec<&str> {
    let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect()
}

#[test]
fn a_line_tells_what_an_event_took_and_whose_it_was_but_not_what_was_in_it() {
    let events = vec![
        event(json!({"text": "secret-one"})),
        event(json!({"secret-two": "secret-three"})),
        event(json!({"text": "secret-four"})),
    ];
    let lines = lines(start(&observed("logs_line", 1.0), "shout", events), 3);
    assert_eq!(lines.len(), 3);
    for (i, line) in lines.iter().enumerate() {
        check_metrics(line);
        assert!(!line.to_string().contains("secret"), "{line}");
        assert_eq!((&line["function"], &line["version"]), (&json!("shop-digits"), &json!("7")));
        assert_eq!((&line["requestId"], &line["traceId"]), (&json!(i.to_string()), &json!(format!("Root=1-{i}"))));
        assert_eq!((&line["entry"], &line["models"]), (&json!("shout"), &json!([])));
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], json!("Shop/Digits"));
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["function"]]));
        assert_eq!(line["ColdStart"], json!(u8::from(i == 0)));
        assert_eq!(line["InitDuration"].is_number(), i == 0);
        assert_eq!(line["Errors"], json!(u8::from(i == 1)));
        assert_eq!(line["level"], json!(if i == 1 { "ERROR" } else { "INFO" }));
        assert!(line["Latency"].as_f64().is_some_and(|ms| ms >= 0.0));
    }
    assert_eq!(declared(&lines[0]), ["Latency", "ColdStart", "Errors", "InitDuration"]);
    assert_eq!(declared(&lines[2]), ["Latency", "ColdStart", "Errors"]);
    assert_eq!((&lines[1]["errorType"], lines[1].get("message")), (&json!("BadRequest"), None));
}

#[test]
fn the_score_of_a_ranking_is_a_metric() {
    use base64::Engine;
    let seven = std::fs::read(crate::common::picture("seven.png")).unwrap();
    let image = base64::engine::general_purpose::STANDARD.encode(seven);
    let url = json!({
        "rawPath": "/rank_digit", "headers": {"content-type": "image/png"}, "body": image, "isBase64Encoded": true,
        "requestContext": {"http": {"method": "POST"}},
    });
    let bundle = observed("logs_score", 1.0);
    let lines = lines(start(&bundle, "rank_digit", vec![event(json!({"image": image})), event(url)]), 2);
    for line in &lines {
        check_metrics(line);
        assert!(line["Score"].as_f64().is_some_and(|score| (0.8..=1.0).contains(&score)), "{line}");
        assert!(declared(line).contains(&"Score"));
        assert_eq!(line["models"], json!(["kcnn_32"]));
    }
    assert_eq!((lines[0].get("status"), &lines[1]["status"]), (None, &json!(200)));
}

#[test]
fn errors_and_the_first_event_are_logged_always_and_of_the_others_a_share() {
    let events = |count: usize| {
        (0..count).map(|i| event(if i % 10 == 5 { json!({"x": 1, "n": 0}) } else { json!({"x": 1, "n": 2}) })).collect()
    };
    let logged = |sample: f64, name: &str| {
        let lines = lines(start(&observed(name, sample), "halves", events(200)), 200);
        lines.iter().for_each(check_metrics);
        let ids = lines.iter().map(|line| line["requestId"].as_str().unwrap().parse::<usize>().unwrap());
        ids.collect::<Vec<usize>>()
    };
    let always: Vec<usize> = (0..200).filter(|i| *i == 0 || i % 10 == 5).collect();
    assert_eq!(logged(0.0, "logs_none"), always);
    let some = logged(0.3, "logs_some");
    assert_eq!(some, logged(0.3, "logs_same"));
    assert!(always.iter().all(|id| some.contains(id)), "{some:?}");
    assert!((always.len() + 30..always.len() + 80).contains(&some.len()), "{}", some.len());
}

#[test]
fn the_errors_of_http_and_of_batches_are_counted() {
    let http = |path: &str| json!({"rawPath": path, "requestContext": {"http": {"method": "POST"}}, "body": "{}"});
    let message = |id: &str, body: &str| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"});
    let good = r#"{"x": 1, "n": 2}"#;
    let records = [message("a", good), message("b", "{}"), message("c", r#"{"x": 1, "n": 0}"#)];
    let events = vec![event(http("/none")), event(http("/halves")), event(json!({ "Records": records }))];
    let lines = lines(start(&observed("logs_errors", 1.0), "halves", events), 3);
    lines.iter().for_each(check_metrics);
    assert_eq!((&lines[0]["status"], &lines[0]["Errors"], lines[0].get("entry")), (&json!(404), &json!(1), None));
    assert_eq!((&lines[1]["status"], &lines[1]["errorType"]), (&json!(400), &json!("BadRequest")));
    assert_eq!((&lines[2]["records"], &lines[2]["Errors"]), (&json!(3), &json!(2)));
    assert!(lines[2]["message"].as_str().unwrap().contains("infinite"), "{}", lines[2]);
}

#[test]
fn a_deadline_is_logged_too() {
    let list = (0..32).collect::<Vec<i32>>();
    let endless = Step::Event(300, json!({ "xs": list }).to_string().into_bytes());
    let lines = lines(start(&observed("logs_late", 0.0), "spin", vec![endless, event(json!({"xs": []}))]), 2);
    lines.iter().for_each(check_metrics);
    assert_eq!((&lines[0]["errorType"], &lines[0]["requestId"]), (&json!("Deadline"), &json!("0")));
    assert!(lines[0]["Latency"].as_f64().unwrap() >= 200.0);
    // A process that was started anew starts cold.
    assert_eq!((&lines[1]["ColdStart"], &lines[1]["Errors"]), (&json!(1), &json!(0)));
}

#[test]
fn mu_log_turns_the_lines_off() {
    let events = vec![event(json!({"x": 1, "n": 2})), event(json!({}))];
    let lambda = start_with(&observed("logs_off", 1.0), "halves", events, Vec::new(), &[("MU_LOG", "off")]);
    assert_eq!(lines(lambda, 2), Vec::<Value>::new());
}
