//! The zip of an example under an emulator of Lambda's Runtime API (`cargo lambda watch`): it answers events rightly, and a bad
//! event ends with an error, not with the process.

use base64::Engine;
use mu_tests::{cases::lay, made, python, root, tools};
use serde_json::{Value, json};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ended when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The emulator at a port of its own; it waits for a runtime of the function `digits`.
fn emulator() -> (Process, u16) {
    let folder = made().join("lambda/emulator");
    // It wants a package with a binary of the function's name, and never builds it.
    let manifest = "[workspace]\n[package]\nname = \"digits\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    lay(&folder, &[("Cargo.toml".into(), manifest.into()), ("src/main.rs".into(), b"fn main() {}\n".to_vec())]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let process = Command::new(python::bin().join("cargo-lambda"))
        .args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1"])
        .args(["--invoke-port", &port.to_string()])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(process);
    let listens = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(listens, "the emulator does not listen");
    (process, port)
}

/// Unpacks a zip with its modes, as Lambda does.
fn unpack(zip: &Path, folder: &Path) {
    lay(folder, &[]);
    let mut archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let path = folder.join(file.enclosed_name().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mode = file.unix_mode().unwrap();
        let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).unwrap();
        std::io::copy(&mut file, &mut out).unwrap();
    }
}

/// The answer to an event: the status and the body.
fn invoke(port: u16, event: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(300)))
        .build()
        .into();
    let url = format!("http://127.0.0.1:{port}/2015-03-31/functions/digits/invocations");
    let mut response = agent.post(url).send(event).unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

fn lambda_bundle() -> PathBuf {
    let zip = made().join("lambda/digits.zip");
    let built =
        tools::mulc(root(), &["build", "examples/digits", "--target", "lambda", "--out", zip.to_str().unwrap()]);
    assert!(built.status.success(), "{}", tools::said(&built));
    let folder = made().join("lambda/task");
    unpack(&zip, &folder);
    folder
}

#[test]
fn the_zip_of_the_example_answers_under_the_emulator() {
    let folder = lambda_bundle();
    let (_emulator, port) = emulator();
    let _runtime = Process(
        Command::new(folder.join("bootstrap"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}/.rt/digits"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "digits")
            .env("LAMBDA_TASK_ROOT", &folder)
            .current_dir(&folder)
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let picture = |name: &str| {
        let bytes = fs::read(root().join("examples/digits/pictures").join(name)).unwrap();
        json!({ "image": base64::engine::general_purpose::STANDARD.encode(bytes) }).to_string()
    };
    for _ in 0..2 {
        assert_eq!(invoke(port, &picture("seven.png")), (200, json!("7")));
        assert_eq!(invoke(port, &picture("unsure.png")), (200, Value::Null));
        for bad in [r#"{"image": 3}"#, r#"{"image": "bm8gcGljdHVyZQ=="}"#, "{}", "[]", r#"{"image": "", "more": 1}"#] {
            let (status, body) = invoke(port, bad);
            assert!(status != 200 || body.get("errorType").is_some(), "{bad}: {status} {body}");
        }
    }
}

#[test]
fn bootstrap_needs_no_library() {
    let bytes = fs::read(tools::folder().join("bootstrap")).unwrap();
    assert!(bytes.starts_with(b"\x7fELF\x02\x01"), "a 64-bit little-endian executable");
    let number = |at: usize, size: usize| bytes[at..at + size].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    const INTERPRETER: usize = 3;
    assert!((0..count).all(|i| number(table + i * size, 4) != INTERPRETER), "it asks for a dynamic linker");
}
