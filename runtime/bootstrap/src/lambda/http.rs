//! As much of HTTP/1.1 as the Runtime API needs: one connection that is kept, one request after the other, and responses whose
//! bodies come with their length, in chunks, or until the connection ends. All that comes is bounded.

use httparse::Status;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The most that the head of a response may hold, in bytes.
const MOST_HEAD: usize = 64 << 10;
/// The most headers that it may have.
const MOST_HEADERS: usize = 100;
/// How long the other side may pause within a response.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bodies up to so many bytes go out together with their head.
const SMALL: usize = 64 << 10;

/// Why an exchange was not finished. The connection is of no more use.
#[derive(Debug)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn broken<T>(why: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(why.into()))
}

/// A body that is larger than was asked for. It was not read, or not to its end.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names as they came.
    headers: Vec<(String, String)>,
    pub body: Result<Vec<u8>, TooLarge>,
    /// Whether another request may follow on the connection.
    pub keep: bool,
}

impl Response {
    /// The value of a header, whatever the case of its name; `None` too where it is no UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What is asked.
pub struct Request<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
    /// Whether the response may take for ever to begin.
    pub waits: bool,
    /// The most that the response's body may hold, in bytes.
    pub most: usize,
}

/// A connection to one host.
pub struct Connection {
    stream: TcpStream,
    host: String,
    /// What has come and was not used yet stands at `unused`.
    buffer: Vec<u8>,
    unused: usize,
    /// What the stream's time limit for reading is set to.
    limit: Option<Duration>,
}

impl Connection {
    /// `host` is host and port.
    pub fn open(host: &str) -> std::io::Result<Connection> {
        // The commonest name is resolved here: a static executable would look for the system's resolver.
        let address = match host.strip_prefix("localhost") {
            Some(port) => format!("127.0.0.1{port}"),
            None => host.to_string(),
        };
        let address = if address.contains(':') { address } else { format!("{address}:80") };
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Connection { stream, host: host.into(), buffer: Vec::new(), unused: 0, limit: None })
    }

    /// Sends a request and reads its response.
    pub fn exchange(&mut self, request: &Request<'_>) -> Result<Response, Broken> {
        self.send(request).map_err(|e| Broken(format!("the request was not taken: {e}")))?;
        self.buffer.drain(..self.unused.min(self.buffer.len()));
        self.unused = 0;
        self.limit(if request.waits { None } else { Some(PATIENCE) })?;
        loop {
            let (head, framing) = self.head()?;
            // Interim responses have no body, and another response follows.
            if !(100..200).contains(&head.status) {
                return self.body(head, framing, request.most);
            }
        }
    }

    fn send(&mut self, request: &Request<'_>) -> std::io::Result<()> {
        let Request { method, path, body, .. } = request;
        let mut out = Vec::with_capacity(512 + body.len().min(SMALL));
        write!(out, "{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host)?;
        for (name, value) in request.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        if *method != "GET" {
            write!(out, "content-type: application/json\r\ncontent-length: {}\r\n", body.len())?;
        }
        out.extend_from_slice(b"\r\n");
        if body.len() <= SMALL {
            out.extend_from_slice(body);
            return self.stream.write_all(&out);
        }
        self.stream.write_all(&out)?;
        self.stream.write_all(body)
    }

    /// Sets the time limit for reading, where it is another.
    fn limit(&mut self, limit: Option<Duration>) -> Result<(), Broken> {
        if self.limit != limit {
            self.stream.set_read_timeout(limit).map_err(|e| Broken(e.to_string()))?;
            self.limit = limit;
        }
        Ok(())
    }

    /// Waits for more bytes. The end of the connection is an error.
    fn fill(&mut self) -> Result<(), Broken> {
        match self.try_fill()? {
            0 => broken("the connection ended"),
            _ => Ok(()),
        }
    }

    /// Gives how many bytes came; none at the end of the connection.
    fn try_fill(&mut self) -> Result<usize, Broken> {
        let mut bytes = [0; 16 << 10];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(count) => {
                    self.buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
                    return Ok(count);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    return broken(format!("nothing came for {} s", PATIENCE.as_secs()));
                }
                Err(e) => return broken(e.to_string()),
            }
        }
    }

    fn unused(&self) -> &[u8] {
        self.buffer.get(self.unused..).unwrap_or_default()
    }

    /// Reads the head of a response, and tells how its body comes.
    fn head(&mut self) -> Result<(Response, Framing), Broken> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut head = httparse::Response::new(&mut headers);
            match head.parse(self.unused()) {
                Ok(Status::Complete(length)) => {
                    let read = read_head(&head)?;
                    self.unused += length;
                    return Ok(read);
                }
                Ok(Status::Partial) if self.unused().len() > MOST_HEAD => {
                    return broken(format!("the head of a response has more than {MOST_HEAD} bytes"));
                }
                Ok(Status::Partial) if self.unused().is_empty() => self.fill()?,
                Ok(Status::Partial) => {
                    self.limit(Some(PATIENCE))?;
                    self.fill()?;
                }
                Err(e) => return broken(format!("what came is no response: {e}")),
            }
        }
    }

    fn body(&mut self, mut head: Response, framing: Framing, most: usize) -> Result<Response, Broken> {
        let body = match framing {
            Framing::Length(length) if length > most as u64 => Err(TooLarge),
            Framing::Length(length) => Ok(self.take(length as usize)?),
            Framing::Chunks => self.chunks(most)?,
            Framing::End => self.rest(most)?,
        };
        head.keep &= body.is_ok();
        Ok(Response { body, ..head })
    }

    /// The next `length` bytes.
    fn take(&mut self, length: usize) -> Result<Vec<u8>, Broken> {
        let here = self.unused().len().min(length);
        let mut bytes = self.unused().get(..here).unwrap_or_default().to_vec();
        self.unused += here;
        if here < length {
            self.limit(Some(PATIENCE))?;
            bytes.resize(length, 0);
            let missing = bytes.get_mut(here..).unwrap_or_default();
            self.stream.read_exact(missing).map_err(|e| Broken(format!("the body broke off: {e}")))?;
        }
        Ok(bytes)
    }

    fn chunks(&mut self, most: usize) -> Result<Result<Vec<u8>, TooLarge>, Broken> {
        let mut body = Vec::new();
        loop {
            let length = self.line(|bytes| match httparse::parse_chunk_size(bytes) {
                Ok(Status::Complete(found)) => Ok(Some(found)),
                Ok(Status::Partial) => Ok(None),
                Err(_) => broken("the body is not in chunks as it was said to be"),
            })?;
            if length == 0 {
                break;
            }
            if length > (most - body.len()) as u64 {
                return Ok(Err(TooLarge));
            }
            body.extend(self.take(length as usize)?);
            if self.take(2)? != b"\r\n" {
                return broken("a chunk of the body has another length than it says");
            }
        }
        // What follows the chunks are headers that nobody asked for, to an empty line.
        let end = |bytes: &[u8]| Ok(bytes.windows(2).position(|pair| pair == b"\r\n").map(|at| (at + 2, at)));
        while self.line(end)? != 0 {}
        Ok(Ok(body))
    }

    /// Reads until `find` finds something in what has come; it gives the length of that, too.
    fn line<T>(&mut self, find: impl Fn(&[u8]) -> Result<Option<(usize, T)>, Broken>) -> Result<T, Broken> {
        loop {
            if let Some((length, found)) = find(self.unused())? {
                self.unused += length;
                return Ok(found);
            }
            if self.unused().len() > MOST_HEAD {
                return broken(format!("a line between chunks has more than {MOST_HEAD} bytes"));
            }
            self.limit(Some(PATIENCE))?;
            self.fill()?;
        }
    }

    fn rest(&mut self, most: usize) -> Result<Result<Vec<u8>, TooLarge>, Broken> {
        self.limit(Some(PATIENCE))?;
        while self.unused().len() <= most {
            if self.try_fill()? == 0 {
                return Ok(Ok(self.unused().to_vec()));
            }
        }
        Ok(Err(TooLarge))
    }
}

/// How a body ends.
enum Framing {
    Length(u64),
    Chunks,
    End,
}

/// A response without its body.
fn read_head(head: &httparse::Response<'_, '_>) -> Result<(Response, Framing), Broken> {
    let status = head.code.unwrap_or_default();
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).ok();
    let headers = head.headers.iter().filter_map(|header| Some((header.name.to_string(), text(header.value)?)));
    let mut response =
        Response { status, headers: headers.collect(), body: Ok(Vec::new()), keep: head.version == Some(1) };
    let says = |name: &str, word: &str| {
        let lists = response.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lists.flat_map(|(_, list)| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
    };
    let lengths = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut lengths = lengths.map(|(_, value)| value.trim().parse::<u64>().ok().filter(|_| digits(value.trim())));
    let framing = if (100..200).contains(&status) || status == 204 || status == 304 {
        Framing::Length(0)
    } else if says("transfer-encoding", "chunked") {
        Framing::Chunks
    } else if response.header("transfer-encoding").is_some() {
        return broken("the body is encoded in a way that was not asked for");
    } else {
        match lengths.next() {
            None => Framing::End,
            Some(Some(length)) if lengths.all(|other| other == Some(length)) => Framing::Length(length),
            Some(_) => return broken("the length of the body is no number, or two"),
        }
    };
    let keep = response.keep && !says("connection", "close") && !matches!(framing, Framing::End);
    response.keep = keep;
    Ok((response, framing))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
