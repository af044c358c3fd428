//! The probe on Lambda against recorded answers: it is called as asked, what Lambda logs is given back, and it is deleted
//! whatever happens.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_cloud::{Error, Kind, Probe, Session};

/// An answer of Lambda: status, headers, body.
fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> ReplayEvent {
    let request = http::Request::builder().uri("https://lambda.test/").body(SdkBody::empty()).unwrap();
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    ReplayEvent::new(request, response.body(SdkBody::from(body)).unwrap())
}

fn ready() -> ReplayEvent {
    answer(200, &[], r#"{"State":"Active","LastUpdateStatus":"Successful"}"#)
}

fn created() -> ReplayEvent {
    answer(201, &[], r#"{"State":"Pending"}"#)
}

fn deleted() -> ReplayEvent {
    answer(204, &[], "")
}

/// The log of a call as Lambda writes it.
fn report(memory: u32, init: Option<f64>) -> String {
    let init = init.map_or(String::new(), |init| format!("Init Duration: {init} ms\t"));
    let id = "8f5079a1-6d3f-4a0b-9d7a-0c5c7e6f1b11";
    format!(
        "START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: 1.75 ms\tBilled \
         Duration: 2 ms\tMemory Size: {memory} MB\tMax Memory Used: 31 MB\t{init}\n"
    )
}

fn called(log: &str) -> ReplayEvent {
    answer(200, &[("x-amz-log-result", &STANDARD.encode(log))], "\"7\"")
}

fn refused(status: u16, code: &str, message: &str) -> ReplayEvent {
    answer(status, &[("x-amzn-errortype", code)], &format!(r#"{{"message":"{message}"}}"#))
}

/// Runs a probe of one cold and one warm call for each size against these answers; gives what came of it and the requests.
fn probe(memory: &[u32], answers: Vec<ReplayEvent>) -> (Result<String, Error>, Vec<String>) {
    let client = StaticReplayClient::new(answers);
    let credentials = Credentials::new("id", "secret-that-is-not-shown", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client.clone())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .region(Region::new("eu-central-1"))
        .build();
    let probe = Probe {
        zip: b"PK".to_vec(),
        handler: "kcnn_8".into(),
        arch: "x86_64".into(),
        role: "arn:aws:iam::123456789012:role/probe".into(),
        memory: memory.to_vec(),
        events: vec!["{\"a\":1}".into(), "{\"a\":2}".into()],
        cold: 1,
        warm: 1,
    };
    let result = Session::with(config).unwrap().probe(&probe, &|_| {});
    let requests = client.actual_requests().map(|request| {
        let uri: http::Uri = request.uri().parse().unwrap();
        format!("{} {}", request.method(), uri.path().rsplit("/2015-03-31/functions").next().unwrap())
    });
    (result, requests.collect())
}

#[test]
fn every_size_is_called_cold_and_warm_and_the_probe_is_deleted() {
    let mut answers = vec![created(), answer(200, &[], r#"{"State":"Pending"}"#), ready()];
    for memory in [128, 1769] {
        answers.extend([
            answer(200, &[], "{}"),
            ready(),
            called(&report(memory, Some(15.02))),
            called(&report(memory, None)),
        ]);
    }
    answers.push(deleted());
    let (result, requests) = probe(&[128, 1769], answers);
    let logs = result.unwrap();
    assert_eq!(logs.matches("REPORT RequestId").count(), 4);
    assert_eq!(logs.matches("Init Duration: 15.02 ms").count(), 2);
    assert_eq!(logs.matches("Memory Size: 1769 MB").count(), 2);
    assert_eq!(requests.len(), 12);
    assert!(requests[0].starts_with("POST") && requests[11].starts_with("DELETE"), "{requests:?}");
    assert!(requests[11].contains("mulc-calibrate-"), "{requests:?}");
}

#[test]
fn a_probe_that_fails_is_deleted_and_its_words_are_told() {
    let failed = answer(200, &[("x-amz-function-error", "Unhandled")], r#"{"errorMessage":"out of memory"}"#);
    let (result, requests) =
        probe(&[128], vec![created(), ready(), answer(200, &[], "{}"), ready(), failed, deleted()]);
    let error = result.unwrap_err();
    assert!(error.kind == Kind::Outside && error.message.contains("out of memory"), "{error:?}");
    assert!(requests.last().unwrap().starts_with("DELETE"), "{requests:?}");
}

#[test]
fn a_probe_that_cannot_be_deleted_is_named() {
    let (result, _) = probe(
        &[128],
        vec![
            created(),
            ready(),
            refused(403, "AccessDeniedException", "no"),
            refused(403, "AccessDeniedException", "no"),
        ],
    );
    let error = result.unwrap_err();
    assert!(error.message.contains("is still there"), "{error:?}");
    assert!(error.help.contains("delete-function --function-name mulc-calibrate-"), "{error:?}");
}

#[test]
fn what_lambda_does_not_take_is_told_and_nothing_is_deleted() {
    for (status, code, part) in [
        (400, "InvalidParameterValueException", "the zip is odd"),
        (403, "ExpiredTokenException", "expired"),
        (403, "UnrecognizedClientException", "does not know the AWS access key"),
        (409, "ResourceConflictException", "exists already"),
    ] {
        let (result, requests) = probe(&[128], vec![refused(status, code, "the zip is odd")]);
        let error = result.unwrap_err();
        assert!(error.message.contains(part), "{error:?}");
        assert!(!error.message.contains("secret") && requests.len() == 1, "{requests:?}");
    }
}

#[test]
fn a_new_role_and_a_busy_lambda_are_waited_for() {
    let new = "The role defined for the function cannot be assumed by Lambda.";
    let answers = vec![
        refused(400, "InvalidParameterValueException", new),
        refused(429, "TooManyRequestsException", "slow down"),
        created(),
        ready(),
        refused(409, "ResourceConflictException", "an update is under way"),
        answer(200, &[], "{}"),
        ready(),
        called(&report(128, Some(1.0))),
        refused(503, "ServiceException", "later"),
        called(&report(128, None)),
        deleted(),
    ];
    let (result, requests) = probe(&[128], answers);
    assert_eq!(result.unwrap().matches("REPORT").count(), 2);
    assert_eq!(requests.len(), 11);
}
