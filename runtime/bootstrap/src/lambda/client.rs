//! Speaks HTTP to the Runtime API over one connection that is kept.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;

const VERSION: &str = "2018-06-01/runtime";

/// An invocation.
pub struct Event {
    pub id: String,
    /// When it must be answered, in milliseconds since 1970.
    pub deadline: Option<u64>,
    pub body: Vec<u8>,
}

pub struct Client {
    /// Host and port.
    host: String,
    /// What stands before the API's own path; empty or starting with `/`.
    prefix: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// `api` is `HOST:PORT` or `HOST:PORT/PREFIX`.
    pub fn new(api: &str) -> Result<Client, String> {
        let api = api.strip_prefix("http://").unwrap_or(api).trim_end_matches('/');
        let (host, prefix) =
            api.split_once('/').map_or((api, String::new()), |(host, path)| (host, format!("/{path}")));
        if host.is_empty() {
            return Err("AWS_LAMBDA_RUNTIME_API names no host".into());
        }
        Ok(Client { host: host.to_string(), prefix, connection: None })
    }

    /// Waits for the next invocation, however long.
    pub async fn next(&mut self) -> Result<Event, String> {
        let response = self.exchange(Method::GET, "invocation/next", &[], Vec::new()).await?;
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_string);
        let id = header("lambda-runtime-aws-request-id");
        let deadline = header("lambda-runtime-deadline-ms").and_then(|ms| ms.parse().ok());
        let id = id.filter(|_| response.status().is_success());
        let id = id.ok_or_else(|| format!("the Runtime API gave no event but status {}", response.status()))?;
        let body = response.into_body().collect().await.map_err(|e| format!("the event broke off: {e}"))?;
        Ok(Event { id, deadline, body: body.to_bytes().to_vec() })
    }

    pub async fn respond(&mut self, id: &str, answer: Vec<u8>) -> Result<(), String> {
        self.post(&format!("invocation/{id}/response"), &[], answer).await
    }

    pub async fn fail(&mut self, id: &str, kind: &str, error: &Json) -> Result<(), String> {
        let headers = [("lambda-runtime-function-error-type", kind)];
        self.post(&format!("invocation/{id}/error"), &headers, error.to_string().into_bytes()).await
    }

    pub async fn init_error(&mut self, error: &Json) -> Result<(), String> {
        let headers = [("lambda-runtime-function-error-type", "Runtime.InitError")];
        self.post("init/error", &headers, error.to_string().into_bytes()).await
    }

    /// A refused answer is told in the log; the next event may do better.
    async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<(), String> {
        let response = self.exchange(Method::POST, path, headers, body).await?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|e| format!("the Runtime API broke off: {e}"))?;
        if !status.is_success() {
            eprintln!(
                "the Runtime API refused {path} with status {status}: {}",
                String::from_utf8_lossy(&body.to_bytes())
            );
        }
        Ok(())
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Response<Incoming>, String> {
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}/{VERSION}/{path}", self.prefix))
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body)).map_err(|e| e.to_string())?;
        // The server may have closed a connection that was idle.
        let kept = match self.connection.take() {
            Some(mut connection) => connection.ready().await.is_ok().then_some(connection),
            None => None,
        };
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = connection.send_request(request).await;
        self.connection = Some(connection);
        response.map_err(|e| format!("the Runtime API at {} does not answer: {e}", self.host))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let failed = |e: &dyn std::fmt::Display| format!("cannot reach the Runtime API at {}: {e}", self.host);
        // The commonest name is resolved here: a static executable would look for the system's resolver.
        let host = match self.host.strip_prefix("localhost") {
            Some(port) => format!("127.0.0.1{port}"),
            None => self.host.clone(),
        };
        let host = if host.contains(':') { host } else { format!("{host}:80") };
        let stream = TcpStream::connect(&host).await.map_err(|e| failed(&e))?;
        stream.set_nodelay(true).map_err(|e| failed(&e))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| failed(&e))?;
        // How the connection ends shows in the next exchange.
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender)
    }
}
