//! A Runtime API that is slow, cuts connections or sends nonsense: the runtime goes on with the next event, or ends and says why.

use crate::common::digit_bundle;
use crate::runtime_api::{FAR, Step, Taken, Then, event, response, start, start_with};
use serde_json::json;

const GOOD: &str = r#"{"x": 1, "n": 2}"#;

/// All bytes at once.
fn whole(bytes: Vec<u8>, then: Then) -> Step {
    Step::Bytes(vec![bytes], then)
}

#[test]
fn a_body_may_come_in_any_framing_and_however_slowly() {
    let chunked = |body: &str| response("chunked", "Transfer-Encoding: Chunked\r\n", body);
    let chunks = "3;name=value\r\n{\"x\r\n0D\r\n\": 1, \"n\": 2}\r\n0\r\ntrailer: 1\r\n\r\n";
    let slowly = |bytes: Vec<u8>| bytes.chunks(1).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
    let length = format!("content-length: {}\r\n", GOOD.len());
    let steps = vec![
        whole(chunked(chunks), Then::Keep),
        Step::Bytes(slowly(chunked(chunks)), Then::Keep),
        Step::Bytes(slowly(response("sized", &length, GOOD)), Then::Keep),
        whole(response("ended", "", GOOD), Then::Close),
        whole([interim, response("interim", &length, GOOD)].concat(), Then::Keep),
        whole(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), Then::Keep),
        whole(response("closed", &format!("connection: close\r\n{length}"), GOOD), Then::Close),
        whole(response("dropped", &length, GOOD), Then::Close),
        whole(response("last", &length, GOOD).replace_version(), Then::Close),
    ];
    let lambda = start(&digit_bundle("faults_framing"), "halves", steps);
    for id in ["chunked", "chunked", "sized", "ended", "interim", "closed", "dropped", "last"] {
        lambda.answers(id, json!(0.5));
    }
    lambda.end();
}

trait OlderVersion {
    fn replace_version(self) -> Self;
}

impl OlderVersion for Vec<u8> {
    /// As a server would send it that keeps no connection.
    fn replace_version(mut self) -> Vec<u8> {
        self[7] = b'0';
        self
    }
}

#[test]
fn nonsense_in_place_of_an_event_is_left_behind() {
    let length = format!("content-length: {}\r\n", GOOD.len());
    let head = |head: &str| response("x", head, GOOD);
    let nonsense: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\x00\x01\x02 nonsense\r\n\r\n".to_vec(),
        b"HTTP/1.1 200".to_vec(),
        b"HTTP/2.0 200 OK\r\n\r\n".to_vec(),
        response("x", "content-length: 100\r\n", "{"),
        head("content-length: many\r\n"),
        head("content-length: -1\r\n"),
        head("content-length: +16\r\n"),
        head("content-length: 16\r\ncontent-length: 17\r\n"),
        head("content-length: 99999999999999999999999\r\n"),
        head("transfer-encoding: gzip\r\n"),
        response("x", "transfer-encoding: chunked\r\n", "zz\r\n"),
        response("x", "transfer-encoding: chunked\r\n", "3\r\nabcdef\r\n0\r\n\r\n"),
        response("x", "transfer-encoding: chunked\r\n", "ffffffffffffffffff\r\n"),
        response("x", "transfer-encoding: chunked\r\n", "5\r\nab"),
        response("x", &format!("a: {}\r\n{length}", "b".repeat(200_000)), GOOD),
        response("x", &format!("{}{length}", "a: b\r\n".repeat(1000)), GOOD),
        b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
    ];
    let mut steps = Vec::new();
    for bytes in nonsense {
        steps.push(whole(bytes, Then::Close));
        steps.push(Step::Event(FAR, GOOD.into()));
    }
    let count = steps.len() / 2;
    let lambda = start(&digit_bundle("faults_nonsense"), "halves", steps);
    for i in 0..count {
        lambda.answers(&(2 * i + 1).to_string(), json!(0.5));
    }
    lambda.end();
}

#[test]
fn an_event_that_is_too_large_is_refused_without_being_read() {
    let large = |head: &str, body: &str| whole(response("large", head, body), Then::Close);
    let chunk = format!("600000\r\n{}\r\n", "a".repeat(6 << 20));
    let lambda = start(
        &digit_bundle("faults_large"),
        "halves",
        vec![
            large("content-length: 99999999999\r\n", ""),
            large("transfer-encoding: chunked\r\n", &format!("{chunk}{chunk}")),
            large("transfer-encoding: chunked\r\n", "ffffffffff\r\n"),
            large("", &"a".repeat(7 << 20)),
            event(json!({"x": 1, "n": 2})),
        ],
    );
    for _ in 0..4 {
        lambda.fails("large", "BadRequest", "the event is larger than 6291456 bytes");
    }
    lambda.answers("4", json!(0.5));
}

#[test]
fn an_api_that_fails_or_names_no_event_ends_the_runtime_with_status_3() {
    let length = format!("content-length: {}\r\n", GOOD.len());
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n".to_vec(), "gave no event but status 500"),
        (b"HTTP/1.1 403 X\r\ncontent-length: 0\r\n\r\n".to_vec(), "gave no event but status 403"),
        (format!("HTTP/1.1 200 OK\r\n{length}\r\n{GOOD}").into(), "without an id that can be answered"),
        (response("a/../b", &length, GOOD), "without an id that can be answered"),
        (response("a b", &length, GOOD), "without an id that can be answered"),
    ];
    let bundle = digit_bundle("faults_ended");
    for (bytes, part) in cases {
        let mut lambda = start(&bundle, "halves", vec![whole(bytes, Then::Keep)]);
        assert_eq!(lambda.process.0.wait().unwrap().code(), Some(3));
        let log = lambda.end_of_log();
        assert!(log.contains(part), "{part:?} is not in: {log}");
    }
    let silent = || whole(Vec::new(), Then::Close);
    let mut lambda = start(&bundle, "halves", (0..4).map(|_| silent()).collect());
    assert_eq!(lambda.process.0.wait().unwrap().code(), Some(3));
    assert!(lambda.end_of_log().contains("does not answer: the connection ended"));
}

#[test]
fn an_answer_that_is_cut_off_is_sent_again_and_one_that_is_refused_is_not() {
    let events = (0..3).map(|_| event(json!({"x": 1, "n": 2}))).collect();
    let taken = vec![Taken::Cut, Taken::Cut, Taken::Status(202), Taken::Status(413), Taken::Status(500)];
    let lambda = start_with(&digit_bundle("faults_posts"), "halves", events, taken, &[]);
    for id in ["0", "0", "0", "1", "2"] {
        lambda.answers(id, json!(0.5));
    }
    let log = lambda.end();
    assert!(log.contains("the Runtime API refused invocation/1/response with status 413"), "{log}");
    assert!(log.contains("the Runtime API refused invocation/2/response with status 500"), "{log}");
}
