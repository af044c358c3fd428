//! A line to a server of HTTP that fails as it is told: drops, truncates, delays, answers 503. It makes up for what moto's S3
//! does not do as S3 does: `If-Match` on writes, and the list of the parts of an upload with their checksums.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The line is cut before the server sees it.
    Drop,
    /// The server sees it, and its answer is lost.
    Lose,
    /// Half of the answer arrives.
    Truncate,
    /// The answer takes as long.
    Delay(Duration),
    /// 503, which the server does not see.
    Busy,
    /// This is the answer, head and body.
    Say(Vec<u8>),
}

/// A request as far as faults are concerned.
#[derive(Debug, Clone)]
pub struct Request {
    /// From 0, of all that came.
    pub number: usize,
    pub method: String,
    /// With its query.
    pub path: String,
    /// The names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its first 4 KiB.
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Rule = Box<dyn FnMut(&Request) -> Fault + Send>;

/// The checksums of parts that arrived, by upload and number.
type Parts = BTreeMap<(String, String), String>;

/// What the threads of a proxy share.
struct Shared {
    rule: Mutex<Rule>,
    seen: Mutex<Vec<Request>>,
    parts: Mutex<Parts>,
}

/// A proxy at a port of its own. Its thread ends with the process.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// In front of the server at `port`.
    pub fn start(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let rule: Rule = Box::new(|_| Fault::None);
        let shared = Shared { rule: Mutex::new(rule), seen: Mutex::default(), parts: Mutex::default() };
        let shared = Arc::new(shared);
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for line in listener.incoming().flatten() {
                let shared = of_thread.clone();
                std::thread::spawn(move || serve(line, port, &shared));
            }
        });
        Proxy { port: own, shared }
    }

    /// From now on requests are counted from 0 and fail as the rule says.
    pub fn fail(&self, rule: impl FnMut(&Request) -> Fault + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
        self.shared.seen.lock().unwrap().clear();
    }

    /// What came since the last rule.
    pub fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().unwrap().clone()
    }
}

/// One request on a line, which is then closed.
fn serve(mut line: TcpStream, port: u16, shared: &Shared) {
    let Some((mut request, head, body)) = read_request(&mut line) else { return };
    {
        let mut seen = shared.seen.lock().unwrap();
        request.number = seen.len();
        seen.push(request.clone());
    }
    let fault = (shared.rule.lock().unwrap())(&request);
    let answer = match fault {
        Fault::Drop => return,
        Fault::Busy => busy(),
        Fault::Say(ref answer) => answer.clone(),
        _ if is_stale(port, &request) => answer("412 Precondition Failed", "PreconditionFailed"),
        _ => with_parts(&request, forward(port, &head, &body), &mut shared.parts.lock().unwrap()),
    };
    match fault {
        Fault::Lose => return,
        Fault::Delay(time) => std::thread::sleep(time),
        _ => {}
    }
    let end = if fault == Fault::Truncate { half(&answer) } else { answer.len() };
    let _ = line.write_all(&answer[..end]);
    let _ = line.shutdown(Shutdown::Write);
}

fn read_request(line: &mut TcpStream) -> Option<(Request, Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1 << 16];
    let (mut answered, mut head_end) = (false, None);
    loop {
        if head_end.is_none() {
            head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        }
        if let Some(end) = head_end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut request = request_of(&head)?;
            let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + length {
                request.body = bytes[end..].iter().take(4096).copied().collect();
                return Some((request, bytes[..end].to_vec(), bytes[end..].to_vec()));
            }
            if !answered && request.header("expect").is_some() {
                let _ = line.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
                answered = true;
            }
        }
        match line.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

fn request_of(head: &str) -> Option<Request> {
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    Some(Request { number: 0, method, path, headers, body: Vec::new() })
}

/// Sends a request on and reads the whole answer.
fn forward(port: u16, head: &[u8], body: &[u8]) -> Vec<u8> {
    let head = String::from_utf8_lossy(head).into_owned();
    let kept = head.trim_end().lines().filter(|line| {
        let line = line.to_lowercase();
        !line.starts_with("connection:") && !line.starts_with("expect:")
    });
    let head = kept.chain(["connection: close"]).map(|line| format!("{line}\r\n")).collect::<String>() + "\r\n";
    let mut answer = Vec::new();
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    server.write_all(head.as_bytes()).unwrap();
    server.write_all(body).unwrap();
    server.read_to_end(&mut answer).unwrap();
    answer
}

/// Notes the part that a request brought, and lists parts as S3 does.
fn with_parts(request: &Request, answer: Vec<u8>, parts: &mut Parts) -> Vec<u8> {
    let Some((_, query)) = request.path.split_once('?') else { return answer };
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    let Some(upload) = value("uploadId") else { return answer };
    let sum = request.header("x-amz-checksum-sha256");
    if let (Some(number), Some(sum), true) = (value("partNumber"), sum, answer.starts_with(b"HTTP/1.1 200")) {
        parts.insert((upload.to_owned(), number.to_owned()), sum.to_owned());
    }
    if request.method != "GET" {
        return answer;
    }
    let mut text = String::from_utf8_lossy(&answer).replace("ListPartsResponse", "ListPartsResult");
    for ((_, number), sum) in parts.iter().filter(|((of, _), _)| of == upload) {
        let number = format!("<PartNumber>{number}</PartNumber>");
        text = text.replace(&number, &format!("{number}<ChecksumSHA256>{sum}</ChecksumSHA256>"));
    }
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n", body.len());
    format!("{head}connection: close\r\n\r\n{body}").into_bytes()
}

/// Whether a write is meant to replace something else than stands there.
fn is_stale(port: u16, request: &Request) -> bool {
    let (Some(wanted), "PUT") = (request.header("if-match"), request.method.as_str()) else { return false };
    let path = request.path.split('?').next().unwrap();
    let who = request.header("authorization").unwrap_or_default();
    let head = format!("HEAD {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: {who}\r\n\r\n");
    let answer = forward(port, head.as_bytes(), b"");
    let now = request_of(&String::from_utf8_lossy(&answer)).unwrap();
    now.header("etag") != Some(wanted)
}

fn busy() -> Vec<u8> {
    answer("503 Slow Down", "SlowDown")
}

fn answer(status: &str, code: &str) -> Vec<u8> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// The head and half of the body.
fn half(answer: &[u8]) -> usize {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    head + (answer.len() - head) / 2
}
