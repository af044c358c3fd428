//! `bootstrap serve`: plain JSON over HTTP.

use crate::app::App;
use crate::route::{self, MOST_BYTES, Reply, Request};
use crate::stop;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use mu_format::prefer;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// How long a client may take to send its head, its body, or to finish when the server stops.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves until the process is asked to stop. The error says why the server could not start.
pub async fn serve(app: Arc<App>, host: &str, port: u16) -> Result<(), String> {
    let listener = TcpListener::bind((host, port)).await.map_err(|e| format!("cannot listen on {host}:{port}: {e}"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    eprintln!("serving {} on http://{address}, stop with Ctrl+C", app.names());
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop::requested()?);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = stream else {
            // Out of file descriptors, say; others may be closed soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let app = app.clone();
        let service = service_fn(move |request| respond(app.clone(), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        // A connection that breaks concerns its client only.
        tokio::spawn(async move { connection.await.ok() });
    }
    timeout(PATIENCE, graceful.shutdown()).await.ok();
    Ok(())
}

async fn respond(app: Arc<App>, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let reply = match read(request).await {
        Ok(request) => tokio::task::spawn_blocking(move || route::answer(&app, request, None))
            .await
            .unwrap_or_else(|_| Reply::error(500, "the call broke down; this is a bug in MuLambda")),
        Err(reply) => reply,
    };
    let mut response = hyper::Response::new(Full::from(reply.body.to_string() + "\n"));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(allow) = reply.allow {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    }
    Ok(response)
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Reply> {
    let too_large = || Reply::error(413, format!("the body is larger than {MOST_BYTES} bytes"));
    let (head, body) = request.into_parts();
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_string();
    let prefer = head.headers.get(prefer::HEADER).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.unwrap_or(body.size_hint().lower()) > MOST_BYTES as u64 {
        return Err(too_large());
    }
    let body = timeout(PATIENCE, Limited::new(body, MOST_BYTES).collect()).await;
    let body = match body {
        Err(_) => return Err(Reply::error(408, "the body did not arrive in time")),
        Ok(Err(e)) if e.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(e)) => return Err(Reply::error(400, format!("the body is broken: {e}"))),
        Ok(Ok(body)) => body.to_bytes().to_vec(),
    };
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_string(),
        query: head.uri.query().unwrap_or_default().to_string(),
        content_type,
        prefer,
        body,
    })
}
