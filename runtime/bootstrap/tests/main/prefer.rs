//! Weights of a request: how each way of calling takes them.

use crate::call::fails;
use crate::common::{answer, bundle_of, call};
use crate::http::ask;
use crate::{runtime_api, serve};
use mu_format::text;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Two functions to choose from, and one where nothing is chosen.
fn bundle(name: &str) -> PathBuf {
    let program = r#"
        decision 0 = "voice" ("effort", "harm") ["gentle" [4.0, 0.0], "loud" [0.0, 1.0]] breaks [0.2]
        func @card.gentle(%0: text) -> text { %1: text = lower(%0) yield %1 }
        func @card.loud(%0: text) -> text { %1: text = upper(%0) yield %1 }
        func @say(%0: text) -> text { %1: text = dispatch 0 [@card.gentle, @card.loud](%0) yield %1 }
        entry "say" = @say("text": text) -> text
        entry "shout" = @card.loud("text": text) -> text
    "#;
    bundle_of(name, &text::parse(program).unwrap(), &[])
}

#[test]
fn the_command_line_takes_weights_in_order_or_by_name() {
    let bundle = bundle("prefer_call");
    let say = |more: &[&str]| call(&bundle, &[&["say", "--input", "text=Hi"], more].concat());
    for (weights, said) in [("0,1", "hi"), ("0.7, 0.3", "HI"), ("harm=2", "hi"), ("voice.effort=1e300,harm=0", "HI")] {
        assert_eq!(answer(&say(&["--prefer", weights])), json!(said), "{weights}");
    }
    assert_eq!(answer(&say(&[])), json!("HI"));
    for (weights, why) in [
        ("1", "1 weights are given where there are 2: `effort`, `harm`"),
        ("0,0", "all weights for `voice` are 0"),
        ("-1,1", "the weight of `effort` is -1"),
        ("nan,1", "the weight of `effort` is NaN"),
        ("1,inf", "the weight of `harm` is inf"),
        ("much", "--prefer: `much` is no weight; write"),
        ("effort=1,2", "--prefer: `2` has no name"),
        ("ease=1", "`ease` is not weighed; there are `effort`, `harm`"),
        ("effort=1,effort=2", "`effort` is weighed twice"),
    ] {
        fails(&say(&["--prefer", weights]), 1, &[why]);
    }
    let shout = call(&bundle, &["shout", "--input", "text=Hi", "--prefer", "1,1"]);
    fails(&shout, 1, &["`shout` chooses no model at request time"]);
    fails(&call(&bundle, &["say", "--prefer"]), 2, &["--prefer"]);
}

#[test]
fn http_takes_weights_from_the_header_and_from_the_field_before_it() {
    let (_server, address) = serve::start(&bundle("prefer_serve"));
    let post = |headers: &[&str], body: &str| {
        let (status, message) = ask(&address, "POST /say", headers, body.as_bytes());
        (status, message.json())
    };
    assert_eq!(post(&["content-type: text/plain", "mu-prefer: 0, 1"], "Hi"), (200, json!("hi")));
    assert_eq!(post(&["content-type: text/plain", "Mu-Prefer: harm=1"], "Hi"), (200, json!("hi")));
    assert_eq!(post(&["mu-prefer: 0, 1"], r#"{"text": "Hi"}"#), (200, json!("hi")));
    assert_eq!(post(&["mu-prefer: 0, 1"], r#"{"text": "Hi", "$prefer": {"effort": 1}}"#), (200, json!("HI")));
    assert_eq!(post(&[], r#"{"text": "Hi", "$prefer": [0, 1]}"#), (200, json!("hi")));
    let list = ask(&address, "GET /", &[], &[]).1.json();
    assert_eq!(list["functions"][0]["mu-prefer"], json!(["effort", "harm"]));
    assert_eq!(list["functions"][1].get("mu-prefer"), None);
    for (headers, body, why) in [
        (&["mu-prefer: a lot"][..], r#"{"text": "Hi"}"#, "mu-prefer: `a lot` is no weight"),
        (&["mu-prefer: 1, 2, 3"], r#"{"text": "Hi"}"#, "3 weights are given where there are 2"),
        (&[], r#"{"text": "Hi", "$prefer": [1, null]}"#, "$.$prefer: a weight is a number"),
        (&[], r#"{"text": "Hi", "$prefer": {"ease": 1}}"#, "`ease` is not weighed"),
    ] {
        let (status, reply) = post(headers, body);
        assert_eq!(status, 400);
        assert!(reply["error"].as_str().unwrap().contains(why), "{reply}");
    }
}

#[test]
fn events_bring_weights_as_a_field_and_function_urls_as_a_header() {
    let url = |prefer: &str| {
        runtime_api::event(json!({
            "version": "2.0", "rawPath": "/", "body": "{\"text\": \"Hi\"}", "isBase64Encoded": false,
            "headers": {"content-type": "application/json", "MU-Prefer": prefer},
            "requestContext": {"http": {"method": "POST", "path": "/"}},
        }))
    };
    let events = vec![
        runtime_api::event(json!({"text": "Hi", "$prefer": {"harm": 1}})),
        runtime_api::event(json!({"text": "Hi", "$prefer": [0, 0]})),
        url("0, 1"),
        url("none"),
    ];
    let lambda = runtime_api::start(&bundle("prefer_lambda"), "say", events);
    assert_eq!(lambda.next(), ("invocation/0/response".into(), json!("hi")));
    let (path, error) = lambda.next();
    assert_eq!((path.as_str(), &error["errorType"]), ("invocation/1/error", &json!("BadRequest")));
    for (status, part) in [(200, "hi"), (400, "mu-prefer: `none` is no weight")] {
        let (_, reply) = lambda.next();
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        let said = body.as_str().or(body["error"].as_str()).unwrap();
        assert!(reply["statusCode"] == json!(status) && said.starts_with(part), "{reply}");
    }
}
