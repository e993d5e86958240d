//! The outermost layer: names each request, counts it, logs it where that is wanted, and traces it.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderValue, USER_AGENT};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use tracing::{Instrument, Span, field};
use unistatus_core::access::Key;
use unistatus_core::networks::Networks;
use unistatus_core::schema::truncate;
use unistatus_core::telemetry::{AccessLog, continue_trace};

use crate::error::ApiError;
use crate::guard::guard;
use crate::metrics::RequestCounters;
use crate::remote::{Remote, Unheard};
use crate::request_id::{RequestIds, X_REQUEST_ID};

/// How many characters of a path or a user agent are logged.
const LONGEST: usize = 256;

/// The pattern of the resource that a request is for. Each resource carries it for this layer to read.
#[derive(Clone, Debug)]
pub(crate) struct Route(pub(crate) Cow<'static, str>);

impl Route {
    /// Where no resource has the path.
    const UNMATCHED: &'static str = "unmatched";

    /// The resource that a request found, or, where a layer before the resources answered, the one it would have found.
    fn of(request: &HttpRequest) -> Self {
        request.app_data().cloned().unwrap_or_else(|| Self::ahead_of(request))
    }

    /// The resource that a request will find. That is looked for in all of them, as the router does.
    fn ahead_of(request: &HttpRequest) -> Self {
        // The path as the router reads it: what is encoded without need is decoded.
        let pattern = request.resource_map().match_pattern(request.match_info().as_str());
        Self(pattern.map_or(Cow::Borrowed(Self::UNMATCHED), Cow::Owned))
    }
}

/// What one worker keeps for this layer.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) ids: RequestIds,
    pub(crate) counters: RequestCounters,
    pub(crate) log: AccessLog,
    /// The proxies whose word is taken for who asks.
    pub(crate) trusted_proxies: Networks,
    /// What the server says of those whose word is not.
    pub(crate) unheard: Arc<Unheard>,
}

/// A request, as far as its end still has to know it.
struct Asked {
    begun: Instant,
    id: HeaderValue,
    method: Method,
    uri: Uri,
    remote: Option<Remote>,
    agent: Option<HeaderValue>,
    span: Span,
}

/// How a request was answered.
struct Answered {
    route: Route,
    status: StatusCode,
    bytes: u64,
}

/// Lets a request pass, and sees to all that is to be known of it. Whatever goes wrong below leaves by [`guard`].
pub(crate) async fn access(
    access: Rc<Access>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let asked = Asked::new(&request, &access);
    match guard(request, next).instrument(asked.span.clone()).await {
        Ok(mut response) => {
            access.answered(&asked, &Answered::by(&response));
            response.headers_mut().insert(X_REQUEST_ID.clone(), asked.id);
            Ok(response)
        }
        Err(error) => {
            let error = ApiError::from_actix(&error);
            access.answered(&asked, &Answered::refused(&error));
            Err(Named { error, id: asked.id }.into())
        }
    }
}

impl Asked {
    fn new(request: &ServiceRequest, access: &Access) -> Self {
        let id = access.ids.of(request.headers());
        let span = span(request, &id);
        let (peer, trusted) = (request.peer_addr(), &access.trusted_proxies);
        access.unheard.look_at(peer, request.headers(), trusted);
        Self {
            begun: Instant::now(),
            id,
            method: request.method().clone(),
            uri: request.uri().clone(),
            remote: Remote::of(peer, request.headers(), trusted),
            agent: request.headers().get(USER_AGENT).cloned(),
            span,
        }
    }
}

impl Answered {
    fn by(response: &ServiceResponse<impl MessageBody>) -> Self {
        let bytes = match response.response().body().size() {
            BodySize::Sized(bytes) => bytes,
            BodySize::None | BodySize::Stream => 0,
        };
        Self { route: Route::of(response.request()), status: response.status(), bytes }
    }

    /// The request is gone, and with it where it was going.
    fn refused(error: &ApiError) -> Self {
        Self { route: Route(Cow::Borrowed(Route::UNMATCHED)), status: error.status_code(), bytes: 0 }
    }
}

impl Access {
    fn answered(&self, asked: &Asked, answered: &Answered) {
        let took = asked.begun.elapsed();
        self.counters.answered(&asked.method, answered.route.0.clone(), answered.status, took);
        if !asked.span.is_disabled() {
            asked.span.record("http.route", &*answered.route.0);
            asked.span.record("http.response.status_code", answered.status.as_u16());
            if answered.status.is_server_error() {
                asked.span.record("otel.status_code", "ERROR");
            }
        }
        let is_failure = answered.status.is_client_error() || answered.status.is_server_error();
        if self.log == AccessLog::All || (self.log == AccessLog::Failures && is_failure) {
            log(asked, answered, took);
        }
    }
}

/// Writes a request's line. The path only: a query may hold what is nobody's business.
fn log(asked: &Asked, answered: &Answered, took: Duration) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                method = %asked.method,
                path = path(asked.uri.path()),
                route = &*answered.route.0,
                status = answered.status.as_u16(),
                bytes = answered.bytes,
                duration_ms = millis(took),
                request_id = text(&asked.id),
                remote = asked.remote.map(field::display),
                user_agent = asked.agent.as_ref().map(|agent| truncate(text(agent), LONGEST)),
                "request"
            )
        };
    }
    if answered.status.is_server_error() { line!(error) } else { line!(info) }
}

/// A path as it is told: not endlessly, and of a key that stands in it only the id.
fn path(path: &str) -> String {
    let told = |segment| Key::id_of(segment).map_or(Cow::Borrowed(segment), |id| Cow::Owned(format!("us_{id}_…")));
    let segments: Vec<_> = path.split('/').map(told).collect();
    truncate(&segments.join("/"), LONGEST)
}

/// Milliseconds, to the thousandth.
fn millis(took: Duration) -> f64 {
    u32::try_from(took.as_micros()).map_or(f64::INFINITY, |micros| f64::from(micros) / 1000.0)
}

/// The text of a header; none where it holds more than plain characters.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// The span of a request, part of the client's trace if it names one. Disabled where nobody takes traces, and nothing
/// is looked up for it then.
fn span(request: &ServiceRequest, id: &HeaderValue) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = field::Empty,
        otel.status_code = field::Empty,
        http.request.method = field::Empty,
        http.route = field::Empty,
        http.response.status_code = field::Empty,
        url.path = field::Empty,
        request_id = field::Empty,
    );
    if !span.is_disabled() {
        let route = Route::ahead_of(request.request());
        span.record("otel.name", format!("{} {}", request.method(), route.0));
        span.record("http.request.method", request.method().as_str());
        span.record("url.path", path(request.path()));
        span.record("request_id", text(id));
        let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        continue_trace(&span, header("traceparent"), header("tracestate"));
    }
    span
}

/// An error that leaves outside of the layers, and so has to carry the request's name itself.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Named {
    error: ApiError,
    id: HeaderValue,
}

impl ResponseError for Named {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        let headers: &mut HeaderMap = response.headers_mut();
        headers.insert(X_REQUEST_ID.clone(), self.id.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, test, web};

    use super::*;
    use crate::metrics::Metrics;

    #[expect(clippy::panic, reason = "a handler that panics is what is tested")]
    async fn panics() -> HttpResponse {
        panic!("a fault of ours")
    }

    #[::core::prelude::v1::test]
    fn of_a_key_in_a_path_only_the_id_is_told() {
        let key = "us_abcdefghijkl_0123456789012345678901234567890123456789abc";
        assert_eq!(path(&format!("/api/keys/{key}")), "/api/keys/us_abcdefghijkl_…");
        assert_eq!(path("/api/status/a%2Fb/us_x"), "/api/status/a%2Fb/us_x");
        assert_eq!(path(&"/x".repeat(LONGEST)).chars().count(), LONGEST);
    }

    #[actix_web::test]
    async fn a_panic_is_named_and_counted_too() {
        let metrics = Metrics::new().unwrap();
        let (ids, counters, log) = (RequestIds::new(), metrics.worker(), AccessLog::default());
        let (trusted_proxies, unheard) = (Networks::default(), Arc::default());
        let worker = Rc::new(Access { ids, counters, log, trusted_proxies, unheard });
        let layer = from_fn(move |request, next| access(Rc::clone(&worker), request, next));
        let app = test::init_service(App::new().route("/panics", web::get().to(panics)).wrap(layer)).await;
        let request = test::TestRequest::get().uri("/panics").insert_header(("X-Request-Id", "mine")).to_request();
        let error = test::try_call_service(&app, request).await.map(drop).unwrap_err();
        let answer = error.as_response_error().error_response();
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers().get(&X_REQUEST_ID).unwrap(), "mine");
        let told = actix_web::body::to_bytes(metrics.scrape(None, crate::snapshot::testing::at(0))).await.unwrap();
        let counted = r#"unistatus_http_requests_total{method="GET",route="unmatched",status="500"} 1"#;
        assert!(String::from_utf8_lossy(&told).contains(counted));
    }
}
