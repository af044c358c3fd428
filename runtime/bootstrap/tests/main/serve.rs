//! `bootstrap serve` over real sockets.

use crate::common::{Running, bootstrap, bundle_of, digit_bundle, picture};
use crate::http::{Message, ask};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_format::text;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;

/// A server on a free port, and its address.
pub fn start(bundle: &Path) -> (Running, String) {
    let mut server = Running::start(bootstrap().arg("--bundle").arg(bundle).args(["serve", "--port", "0"]));
    let mut line = String::new();
    BufReader::new(server.0.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split(',').next().unwrap().to_string();
    (server, address)
}

#[track_caller]
fn fails((status, message): (u16, Message), expected: u16, part: &str) {
    let error = message.json()["error"].as_str().unwrap().to_string();
    assert_eq!(status, expected, "{error}");
    assert!(error.contains(part), "{error}");
    assert_eq!(message.header("content-type"), Some("application/json"));
}

#[test]
fn functions_are_listed_called_with_json_and_with_the_bare_file() {
    let (mut server, address) = start(&digit_bundle("serve_calls"));
    let get = |path: &str| ask(&address, &format!("GET {path}"), &[], &[]);
    let (status, list) = get("/");
    assert_eq!(status, 200);
    let list = list.json();
    assert_eq!(list["functions"][0]["name"], json!("read_digit"));
    assert_eq!(list["functions"][0]["inputs"][0]["type"], json!("Image"));
    assert_eq!(get("/health").1.json(), json!({"status": "ok"}));

    let seven = std::fs::read(picture("seven.png")).unwrap();
    for kind in ["image/png", "application/octet-stream", "Image/PNG; name=x"] {
        let (status, answer) = ask(&address, "POST /read_digit", &[&format!("content-type: {kind}")], &seven);
        assert_eq!((status, answer.json()), (200, json!("7")));
    }
    let event = json!({"image": STANDARD.encode(&seven)}).to_string();
    let (status, answer) = ask(&address, "POST /rank_digit", &["content-type: application/json"], event.as_bytes());
    assert_eq!((status, &answer.json()[0]["label"]), (200, &json!("7")));
    let (_, answer) = ask(&address, "POST /halves", &[], br#"{"x": 1, "n": 4}"#);
    assert_eq!(answer.json(), json!(0.25));
    let (_, answer) = ask(&address, "POST /shout", &["content-type: text/plain; charset=utf-8"], "né".as_bytes());
    assert_eq!(answer.json(), json!("NÉ"));
    assert!(server.terminate().success());
}

#[test]
fn each_wrong_request_has_its_status_and_a_reason_and_the_server_goes_on() {
    let (_server, address) = start(&digit_bundle("serve_wrong"));
    let post = |path: &str, kind: &str, body: &[u8]| {
        ask(&address, &format!("POST {path}"), &[&format!("content-type: {kind}")], body)
    };
    fails(post("/nothing", "application/json", b"{}"), 404, "there is no function `nothing`, only `read_digit`");
    fails(ask(&address, "GET /halves", &[], &[]), 405, "only POST");
    assert_eq!(ask(&address, "PUT /halves", &[], &[]).1.header("allow"), Some("POST"));
    fails(ask(&address, "POST /", &[], &[]), 405, "only GET");
    fails(post("/halves", "application/json", b"{"), 400, "the body is no JSON");
    fails(post("/halves", "application/json", b"[]"), 400, "expected a JSON object");
    fails(post("/halves", "application/json", br#"{"x": 1}"#), 400, "$.n: the input is missing");
    fails(post("/halves", "application/json", br#"{"x": 1, "n": 1, "m": 1}"#), 400, "$.m: `halves` has no such input");
    fails(post("/halves", "application/json", br#"{"x": 1, "n": 0}"#), 500, "infinite");
    fails(post("/halves", "text/plain", b"1"), 415, "`halves` takes 2 inputs");
    fails(
        post("/read_digit", "text/plain", b"1"),
        415,
        "takes application/json, image/png or image/jpeg, not text/plain",
    );
    fails(post("/read_digit", "image/png", b"no picture"), 400, "$.image: ");
    fails(post("/shout", "text/plain", b"\xff"), 400, "UTF-8");
    fails(ask(&address, "POST /shout", &["content-length: 99999999"], b""), 413, "larger than 6291456 bytes");
    let mut broken = TcpStream::connect(&address).unwrap();
    broken.write_all(b"\x00\x01 nonsense\r\n\r\n").unwrap();
    drop(broken);
    assert_eq!(post("/shout", "text/plain", b"still there").1.json(), json!("STILL THERE"));
}

#[test]
fn inputs_come_from_the_query_the_body_or_both() {
    let program = r#"
        func @both(%0: text, %1: f32[2]) -> {name: text, x: f32[2]} {
            %2: {name: text, x: f32[2]} = record(%0, %1)
            yield %2
        }
        entry "both" = @both("name": text, "x": f32[2]) -> {name: text, x: f32[2]}
    "#;
    let (_server, address) = start(&bundle_of("serve_query", &text::parse(program).unwrap(), &[]));
    let mut npy = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
    npy.extend(format!("{:<69}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }").bytes());
    npy.extend([1.5f32, -2.0].iter().flat_map(|x| x.to_le_bytes()));
    let said = |name: &str| json!({"name": name, "x": [1.5, -2.0]});
    let npy_type = "content-type: application/x-npy";
    for (request, headers, body, name) in [
        ("POST /both?name=a%20b", &[npy_type][..], npy.as_slice(), "a b"),
        ("POST /both?name=%7B%22+%26%3D", &["content-type: application/octet-stream"], &npy, "{\" &="),
        ("POST /both?name=", &[], br#"{"x": [1.5, -2]}"#, ""),
        ("POST /both?x=[1.5,-2]", &["content-type: text/plain"], b"c", "c"),
        ("GET /both?x=%5B1.5,-2%5D&name=d", &[], b"", "d"),
    ] {
        let (status, answer) = ask(&address, request, headers, body);
        assert_eq!((status, answer.json()), (200, said(name)), "{request}");
    }
    let wrong = |request: &str, headers: &[&str], body: &[u8]| ask(&address, request, headers, body);
    fails(wrong("POST /both", &[npy_type], &npy), 415, "`both` takes 2 inputs");
    fails(
        wrong("POST /both?x=[1,2]", &[npy_type], &npy),
        415,
        "takes application/json or text/plain, not application/x-npy",
    );
    fails(wrong("POST /both?name=a", &[npy_type], &npy[..80]), 400, "elements need another size");
    fails(wrong("POST /both?name=a&name=b", &[npy_type], &npy), 400, "the query gives this input twice");
    fails(wrong("POST /both?y=1", &[npy_type], &npy), 400, "$.y: `both` has no such input, only `name`, `x`");
    fails(wrong("POST /both?x=[1,2]&name=a", &[], br#"{"x": [1, 2]}"#), 400, "$.x: the query gives this input too");
    fails(wrong("GET /both?x=[1,NaN]", &[], b""), 400, "$.x: ");
    fails(wrong("GET /both?name=%FF", &[], b""), 400, "no UTF-8");
}

#[test]
fn a_body_without_length_is_bounded_too() {
    let (_server, address) = start(&digit_bundle("serve_chunked"));
    let mut stream = TcpStream::connect(&address).unwrap();
    stream
        .write_all(b"POST /shout HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = [&b"100000\r\n"[..], &vec![b'a'; 1 << 20], b"\r\n"].concat();
    for _ in 0..7 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let message = crate::http::read(&mut BufReader::new(stream)).unwrap();
    assert!(message.first.contains("413"), "{}", message.first);
}

#[test]
fn requests_that_come_together_are_all_answered() {
    let (_server, address) = start(&digit_bundle("serve_many"));
    let two = std::fs::read(picture("two.png")).unwrap();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let ask = || ask(&address, "POST /read_digit", &["content-type: image/png"], &two).1.json();
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers, vec![json!("2"); 16]);
}
