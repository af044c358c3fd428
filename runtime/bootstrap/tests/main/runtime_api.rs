//! The Lambda Runtime API, played by a server that hands out events, or what a broken one would send, and keeps what is posted.

use crate::common::{Running, bootstrap};
use crate::http::{Message, read};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How the server answers one request for an event.
pub enum Step {
    /// With an event and its deadline.
    Event(u64, Vec<u8>),
    /// With these bytes, each a little later; then the connection is closed, or kept.
    Bytes(Vec<Vec<u8>>, Then),
}

#[derive(Clone, Copy, PartialEq)]
pub enum Then {
    Close,
    Keep,
}

/// How the server answers one answer; after the last of a list, with 202.
#[derive(Clone, Copy)]
pub enum Taken {
    Status(u16),
    /// The connection is cut without a word.
    Cut,
}

/// A runtime on a bundle, its events, and what it posts.
pub struct Lambda {
    pub process: Running,
    posted: Receiver<Message>,
    log: Arc<Mutex<String>>,
    /// Reads the log.
    reader: Option<JoinHandle<()>>,
}

pub const FAR: u64 = 9_000_000_000_000;

pub fn event(json: Value) -> Step {
    Step::Event(FAR, json.to_string().into_bytes())
}

/// The bytes of an event's response with a given framing: `head` holds further header lines.
pub fn response(id: &str, head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n{head}\r\n{body}").into_bytes()
}

pub fn start(bundle: &Path, handler: &str, steps: Vec<Step>) -> Lambda {
    start_with(bundle, handler, steps, Vec::new(), &[])
}

pub fn start_with(
    bundle: &Path,
    handler: &str,
    steps: Vec<Step>,
    taken: Vec<Taken>,
    variables: &[(&str, &str)],
) -> Lambda {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("{}/.rt/digits", listener.local_addr().unwrap());
    let (sender, posted) = channel();
    let script = Arc::new(Mutex::new((steps.into_iter().enumerate().collect(), VecDeque::from(taken))));
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let (script, sender) = (script.clone(), sender.clone());
            std::thread::spawn(move || converse(stream, &script, &sender));
        }
    });
    let mut command = bootstrap();
    command.arg("--bundle").arg(bundle).env("AWS_LAMBDA_RUNTIME_API", api).env("_HANDLER", handler);
    command.envs(variables.iter().copied());
    let mut process = Running::start(&mut command);
    let (log, mut stderr) = (Arc::new(Mutex::new(String::new())), process.0.stderr.take().unwrap());
    let kept = log.clone();
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    });
    Lambda { process, posted, log, reader: Some(reader) }
}

type Script = Mutex<(VecDeque<(usize, Step)>, VecDeque<Taken>)>;

fn converse(stream: TcpStream, script: &Script, posted: &Sender<Message>) {
    let mut out = stream.try_clone().unwrap();
    let mut stream = BufReader::new(stream);
    while let Some(message) = read(&mut stream) {
        assert!(message.first.contains(" /.rt/digits/2018-06-01/runtime/"), "{}", message.first);
        let status = |status: u16| format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n").into_bytes();
        let (pieces, then) = if message.first.starts_with("GET") {
            // Without an event the runtime waits for ever.
            let Some((i, step)) = script.lock().unwrap().0.pop_front() else { continue };
            match step {
                Step::Event(deadline, event) => {
                    let head = format!("lambda-runtime-deadline-ms: {deadline}\r\nLambda-Runtime-Trace-Id: Root=1-{i}");
                    let head = format!("{head}\r\ncontent-length: {}\r\n", event.len());
                    (vec![[response(&i.to_string(), &head, ""), event].concat()], Then::Keep)
                }
                Step::Bytes(pieces, then) => (pieces, then),
            }
        } else {
            let taken = script.lock().unwrap().1.pop_front();
            posted.send(message).ok();
            match taken {
                None => (vec![status(202)], Then::Keep),
                Some(Taken::Status(code)) => (vec![status(code)], Then::Keep),
                Some(Taken::Cut) => (Vec::new(), Then::Close),
            }
        };
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
            if out.write_all(piece).is_err() {
                return;
            }
        }
        if then == Then::Close {
            return;
        }
    }
}

impl Lambda {
    /// What is posted next.
    #[track_caller]
    pub fn posted(&self) -> Message {
        match self.posted.recv_timeout(Duration::from_secs(60)) {
            Ok(message) => message,
            Err(e) => panic!("{e}; the log: {}", self.log()),
        }
    }

    /// Whether nothing else was posted; asked after the process has ended.
    pub fn nothing_more(&self) -> bool {
        self.posted.try_recv().is_err()
    }

    /// The part of the path after `runtime/`, and the body, of what is posted next.
    #[track_caller]
    pub fn next(&self) -> (String, Value) {
        let message = self.posted();
        let path = message.first.split("/runtime/").nth(1).unwrap().split(' ').next().unwrap().to_string();
        (path, message.json())
    }

    /// The next post is this answer.
    #[track_caller]
    pub fn answers(&self, id: &str, answer: Value) {
        assert_eq!(self.next(), (format!("invocation/{id}/response"), answer));
    }

    /// The next post is an error of this type, with this in its text.
    #[track_caller]
    pub fn fails(&self, id: &str, kind: &str, part: &str) {
        let message = self.posted();
        let error = message.json();
        assert!(message.first.contains(&format!("/invocation/{id}/error ")), "{}: {error}", message.first);
        assert_eq!(message.header("lambda-runtime-function-error-type"), Some(kind), "{error}");
        assert_eq!((&error["errorType"], &error["stackTrace"]), (&kind.into(), &Value::Array(Vec::new())));
        assert!(error["errorMessage"].as_str().unwrap().contains(part), "{part:?} is not in: {error}");
    }

    /// What it has written to stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends the process by SIGTERM, which must end it well; gives its whole log.
    #[track_caller]
    pub fn end(mut self) -> String {
        let status = self.process.terminate();
        assert!(status.success(), "{status}");
        self.end_of_log()
    }

    /// The whole log of a process that has ended.
    pub fn end_of_log(&mut self) -> String {
        self.reader.take().unwrap().join().unwrap();
        self.log()
    }
}
