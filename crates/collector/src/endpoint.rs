//! Where a collector is looked at: `/healthz`, `/readyz` and `/metrics`, and never anything else.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use unistatus_core::listen::{self, ListenError};
use unistatus_core::metrics;

use crate::monitor::Monitor;

/// How many connections there may be at a time: some to look, and no reason for more.
const CONNECTIONS: usize = 64;
/// How long a connection may take to ask, or ask again.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long answers that are under way may take at the end.
const GRACE: Duration = Duration::from_secs(1);
/// How long to wait after a connection could not be accepted, which mostly is a want of open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A port that is listened on, and not answered yet.
#[derive(Debug)]
pub struct Endpoint {
    listeners: Vec<(TcpListener, SocketAddr)>,
}

/// An endpoint that answers, until it is told to end.
#[derive(Debug)]
pub struct Serving {
    end: CancellationToken,
    tasks: TaskTracker,
}

/// What is told.
#[derive(Clone, Debug)]
struct Told {
    monitor: Arc<Monitor>,
    serves_metrics: bool,
    stop: CancellationToken,
}

impl Endpoint {
    /// Listens on all addresses of a host. Port 0 lets the system choose.
    ///
    /// # Errors
    /// As [`listen::bind`].
    pub async fn bind(host: &str, port: u16) -> Result<Self, ListenError> {
        Ok(Self { listeners: listen::bind(host, port).await? })
    }

    /// Answers from now on, beside whatever else runs, and logs where. From `stop` on the collector is said to be not
    /// ready.
    ///
    /// # Errors
    /// If the system takes the port back.
    pub fn serve(
        self,
        monitor: Arc<Monitor>,
        serves_metrics: bool,
        stop: CancellationToken,
    ) -> std::io::Result<Serving> {
        let serving = Serving { end: CancellationToken::new(), tasks: TaskTracker::new() };
        let told = Told { monitor, serves_metrics, stop };
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        for (listener, address) in self.listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tracing::info!(%address, "listening");
            let accept = accept(listener, told.clone(), Arc::clone(&room), serving.tasks.clone(), serving.end.clone());
            serving.tasks.spawn(accept);
        }
        Ok(serving)
    }
}

impl Serving {
    /// Accepts no more, lets the answers under way go out, and returns.
    pub async fn end(self) {
        self.end.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::debug!(connections = self.tasks.len(), "connections that did not finish in time are cut");
        }
    }
}

async fn accept(
    listener: tokio::net::TcpListener,
    told: Told,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    end: CancellationToken,
) {
    loop {
        let accepted = async {
            // Closed by nobody.
            let place = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = end.cancelled() => return,
        };
        match accepted {
            Some((Ok((stream, _)), place)) => {
                let (told, end) = (told.clone(), end.clone());
                tasks.spawn(async move {
                    converse(stream, told, end).await;
                    drop(place);
                });
            }
            Some((Err(error), _)) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
            None => return,
        }
    }
}

/// Answers on one connection, as long as it lasts.
async fn converse(stream: TcpStream, told: Told, end: CancellationToken) {
    let service = service_fn(|request: Request<_>| {
        let response = told.answer(request.method(), request.uri().path());
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // What breaks a connection is the other side's business.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = end.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

impl Told {
    fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        let is_known = match path {
            "/healthz" | "/readyz" => true,
            "/metrics" => self.serves_metrics,
            _ => false,
        };
        if !is_known {
            return refusal(StatusCode::NOT_FOUND, "RouteNotFound", "There is no resource at this path.");
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            let message = "This resource does not support the method; it supports GET, HEAD.";
            let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        match path {
            "/metrics" => response(StatusCode::OK, metrics::CONTENT_TYPE, self.monitor.scrape()),
            "/readyz" if self.stop.is_cancelled() => not_ready("The collector is stopping."),
            "/readyz" if !self.monitor.is_asking() => not_ready("The database has not been reached yet."),
            _ => response(StatusCode::OK, JSON, r#"{"status":"OK"}"#),
        }
    }
}

const JSON: &str = "application/json";

fn not_ready(message: &str) -> Response<Full<Bytes>> {
    let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "NotReady", message);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// An error in the shape that the API's have.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    response(status, JSON, format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#))
}

fn response(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
