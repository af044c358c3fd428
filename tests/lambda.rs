//! The zip of an example under an emulator of Lambda's Runtime API (`cargo lambda watch`): it answers events rightly, a bad event
//! ends with an error and not with the process, memory does not grow, and nothing is needed but the bundle.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use base64::Engine;
use mu_tests::cases::lay;
use mu_tests::emulator::{Emulator, Process, bundle, unpack};
use mu_tests::{made, root, tools};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// An event with a picture of the example.
fn picture(name: &str) -> String {
    let bytes = fs::read(root().join("examples/digits/pictures").join(name)).unwrap();
    json!({ "image": base64::engine::general_purpose::STANDARD.encode(bytes) }).to_string()
}

/// Events that are wrong, each in its way, and the types of the errors.
fn malformed() -> Vec<(String, &'static str)> {
    let cases = [
        r#"{"image": 3}"#,
        r#"{"image": "bm8gcGljdHVyZQ=="}"#,
        "{}",
        "[]",
        r#"{"image": "", "more": 1}"#,
        r#"{"image": NaN}"#,
        "{",
        r#"{"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}"#,
    ];
    let mut cases: Vec<(String, &str)> = cases.iter().map(|case| (case.to_string(), "BadRequest")).collect();
    cases.push(("[".repeat(100_000), "BadRequest"));
    cases
}

/// Memory that is resident, in bytes.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn hundreds_of_events_are_answered_under_the_emulator_and_memory_stays_flat() {
    let task = bundle("examples/digits", "task");
    let emulator = Emulator::start();
    let runtime = emulator.run(&task, Stdio::null());
    let good =
        [(picture("seven.png"), json!("7")), (picture("two.png"), json!("2")), (picture("unsure.png"), Value::Null)];
    let malformed = malformed();
    let refused = |event: &str, kind: &str| {
        let (status, body) = emulator.invoke(event);
        let shown: String = event.chars().take(60).collect();
        assert_eq!(body.get("errorType"), Some(&json!(kind)), "{shown}: {status} {body}");
    };
    let resident = || resident(runtime.0.id());
    // Every kind of event has been there when memory is looked at.
    let mut before = 0;
    for i in 0..500 {
        if i % 10 == 9 {
            let (event, kind) = &malformed[i / 10 % malformed.len()];
            refused(event, kind);
        } else {
            let (event, answer) = &good[i % good.len()];
            assert_eq!(emulator.invoke(event), (200, answer.clone()), "event {i}");
        }
        if i == 199 {
            before = resident();
        }
    }
    let after = resident();
    assert!(after < before + (1 << 20), "{before} bytes were resident after 200 events, {after} after 500");
    // What an event of 3 MB takes is given back, or serves the next one.
    let large = json!({ "image": "A".repeat(3 << 20) }).to_string();
    (0..20).for_each(|_| refused(&large, "BadRequest"));
    let last = resident();
    assert!(last < after + (24 << 20), "{after} bytes were resident before 20 events of 3 MB, {last} after them");
    assert_eq!(emulator.invoke(&good[0].0), (200, good[0].1.clone()));
}

#[test]
fn messages_of_a_queue_and_requests_over_http_are_answered_under_the_emulator() {
    let task = bundle("examples/digits", "task_shapes");
    let emulator = Emulator::start();
    let _runtime = emulator.run(&task, Stdio::null());
    let message = |id: &str, body: &str| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"});
    let records = [message("a", &picture("two.png")), message("b", "{}"), message("c", &picture("seven.png"))];
    let (status, body) = emulator.invoke(&json!({ "Records": records }).to_string());
    assert_eq!((status, body), (200, json!({"batchItemFailures": [{"itemIdentifier": "b"}]})));
    let seven = fs::read(root().join("examples/digits/pictures/seven.png")).unwrap();
    let request = json!({
        "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {"content-type": "image/png"},
        "body": base64::engine::general_purpose::STANDARD.encode(seven), "isBase64Encoded": true,
        "requestContext": {"http": {"method": "POST", "path": "/"}},
    });
    let (status, body) = emulator.invoke(&request.to_string());
    assert_eq!((status, &body["statusCode"], &body["body"]), (200, &json!(200), &json!("\"7\"")), "{body}");
}

/// A command in a root that holds nothing but the folder, as `/task`.
fn in_empty_root(folder: &Path, program: &str) -> Command {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if is_root { "chroot" } else { "unshare" });
    if !is_root {
        command.args(["--map-root-user", "--root"]);
    }
    command.arg(folder).arg(program).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

#[test]
fn the_bundle_runs_in_a_root_that_holds_nothing_else() {
    bundle("examples/digits", "empty_task");
    let empty = made().join("lambda/empty");
    lay(&empty, &[("seven.png".into(), fs::read(root().join("examples/digits/pictures/seven.png")).unwrap())]);
    unpack(&made().join("lambda/empty_task.zip"), &empty.join("task"));
    let mut held: Vec<String> =
        fs::read_dir(&empty).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    held.sort();
    assert_eq!(held, ["seven.png", "task"]);
    let called = in_empty_root(&empty, "/task/bootstrap")
        .args(["call", "read_digit", "--input", "image=@/seven.png"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&called.stdout), "\"7\"\n", "{}", tools::said(&called));

    let emulator = Emulator::start();
    let mut command = in_empty_root(&empty, "/task/bootstrap");
    command.envs(emulator.variables(Path::new("/task"))).stderr(Stdio::null());
    let _runtime = Process(command.spawn().unwrap());
    assert_eq!(emulator.invoke(&picture("seven.png")), (200, json!("7")));
}

#[test]
fn bootstrap_needs_no_library_and_no_version_of_one() {
    let bytes = fs::read(tools::folder().join("bootstrap")).unwrap();
    assert!(bytes.starts_with(b"\x7fELF\x02\x01"), "a 64-bit little-endian executable");
    let number = |at: usize, size: usize| bytes[at..at + size].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    const DYNAMIC: usize = 2;
    const INTERPRETER: usize = 3;
    const NEEDED: usize = 1;
    const VERSIONS_NEEDED: usize = 0x6fff_fffe;
    for segment in (0..count).map(|i| table + i * size) {
        let kind = number(segment, 4);
        assert_ne!(kind, INTERPRETER, "it asks for a dynamic linker");
        if kind == DYNAMIC {
            let (start, length) = (number(segment + 8, 8), number(segment + 32, 8));
            for tag in (start..start + length).step_by(16).map(|at| number(at, 8)) {
                assert_ne!(tag, NEEDED, "it asks for a shared library");
                assert_ne!(tag, VERSIONS_NEEDED, "it asks for symbols of a version");
            }
        }
    }
}
