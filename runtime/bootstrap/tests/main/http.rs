//! Just enough HTTP for tests, over plain sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A request or a response: the first line, headers in lower case, the body.
pub struct Message {
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The next message on a connection; `None` where it is closed.
pub fn read(stream: &mut BufReader<TcpStream>) -> Option<Message> {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        Some(line.trim_end().to_string())
    };
    let first = line()?;
    if first.is_empty() {
        return None;
    }
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
    }
    let mut message = Message { first, headers, body: Vec::new() };
    let length = message.header("content-length").map_or(0, |n| n.parse().unwrap());
    message.body.resize(length, 0);
    stream.read_exact(&mut message.body).ok()?;
    Some(message)
}

/// Sends one request: `POST /path`, headers as `name: value` lines.
pub fn ask(address: &str, request: &str, headers: &[&str], body: &[u8]) -> (u16, Message) {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = if headers.starts_with("content-length") {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    write!(stream, "{request} HTTP/1.1\r\nhost: {address}\r\n{length}{headers}\r\n").unwrap();
    // The server may answer before it has read the whole body.
    stream.write_all(body).ok();
    let message = read(&mut BufReader::new(stream)).unwrap();
    let status = message.first.split(' ').nth(1).unwrap().parse().unwrap();
    (status, message)
}
