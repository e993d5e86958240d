//! Traces: how long what took, sent to an OpenTelemetry receiver where one is configured.
//!
//! Where none is, nothing is interested in spans, and to make one costs a look at a flag.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use super::is_ours;
use crate::causes::with_causes;
use crate::config::DbUrl;

/// How long the receiver may take for one batch.
const SEND: Duration = Duration::from_secs(2);
/// How long the end waits for what was not sent yet.
const FLUSH: Duration = Duration::from_secs(1);

/// Where traces go, if anywhere.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to {endpoint}: {message}")]
pub struct TracesError {
    endpoint: String,
    message: String,
}

impl Traces {
    /// Nowhere.
    pub const fn nowhere() -> Self {
        Self(None)
    }

    /// To the OTLP receiver of this address, if there is one; `program` is who they are of, unless
    /// `OTEL_SERVICE_NAME` says otherwise. Nothing is sent before something was traced.
    ///
    /// # Errors
    /// [`TracesError`] where the system denies what is needed. A receiver that is away is none.
    pub fn to(endpoint: Option<&str>, program: &'static str) -> Result<Self, TracesError> {
        let Some(endpoint) = endpoint else { return Ok(Self::nowhere()) };
        // It may hold a password.
        let shown = DbUrl::new(endpoint);
        let failed = |message: String| TracesError { endpoint: shown.to_string(), message };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new().map_err(|error| failed(with_causes(&*error)))?)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(SEND)
            // What is not taken is soon joined by what comes next: to insist would only hold up the end.
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|error| failed(with_causes(&error)))?;
        let mut resource = Resource::builder();
        if env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(program);
        }
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Ok(Self(Some(provider.build())))
    }

    /// What takes our spans down; `None` where traces go nowhere.
    pub(super) fn layer<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.0.as_ref()?.tracer("unistatus");
        Some(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(OurSpans))
    }

    /// Sends what was not sent yet, for two seconds at most; nothing is traced from then on. Blocks: to be called when
    /// all else has ended.
    pub fn end(self) {
        if let Some(provider) = self.0 {
            // Who is away was told of when the first batch was lost.
            let _ = provider.shutdown_with_timeout(FLUSH);
        }
    }
}

/// Makes a span part of the trace that whoever asks us is in, by its W3C headers `traceparent` and `tracestate`.
/// Without valid ones it begins a trace.
pub fn continue_trace(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    let parent = TraceContextPropagator::new().extract(&Headers { traceparent, tracestate });
    // The error says that the span is taken by nobody.
    let _ = span.set_parent(parent);
}

struct Headers<'a> {
    traceparent: Option<&'a str>,
    tracestate: Option<&'a str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent,
            "tracestate" => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// Our own spans, and no events: those are in the log.
struct OurSpans;

impl OurSpans {
    fn takes(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && *metadata.level() <= LevelFilter::INFO && is_ours(metadata.target())
    }
}

impl<S> Filter<S> for OurSpans {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        Self::takes(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::takes(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
}

/// Sends batches from the thread that collects them, which knows no runtime: each batch gets one of its own. Batches
/// come seconds apart.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    /// Whether it was said that traces are lost.
    is_told: AtomicBool,
}

impl Sender {
    fn new() -> Result<Self, HttpError> {
        // As for fetching: the process may have chosen its provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(SEND)
            .redirect(reqwest::redirect::Policy::none())
            // A connection does not outlive the runtime that it was made on.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, is_told: AtomicBool::new(false) })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let sent = self.client.request(head.method, head.uri.to_string()).headers(head.headers).body(body).send();
        let mut answer = sent.await?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        std::mem::swap(response.headers_mut(), answer.headers_mut());
        // What it says beside its status is of no use to us, and may be anything.
        Ok(response)
    }

    /// Logs when traces begin to be lost, and when they are taken again.
    fn tell(&self, outcome: &Result<Response<Bytes>, HttpError>) {
        let problem = match outcome {
            Ok(response) if response.status().is_success() => {
                if self.is_told.swap(false, Ordering::Relaxed) {
                    tracing::info!("traces are taken again");
                }
                return;
            }
            Ok(response) => format!("the receiver answered {}", response.status()),
            Err(error) => with_causes(&**error),
        };
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(problem, "traces cannot be sent; they are lost until they can");
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outcome = runtime.block_on(self.send(request));
        self.tell(&outcome);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::telemetry::testkit::Receiver;

    const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;

    #[test]
    fn our_spans_are_sent_with_who_we_are_and_whose_trace_they_continue() {
        let receiver = Receiver::start();
        let endpoint = format!("{}/", receiver.endpoint());
        let traces = Traces::to(Some(&endpoint), "unistatus-test").unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(traces.layer()), || {
            let header = format!("00-{TRACE:032x}-b7ad6b7169203331-01");
            let span = tracing::info_span!("ours");
            continue_trace(&span, Some(&header), None);
            span.in_scope(|| tracing::info!("an event"));
            let library = tracing::info_span!(target: "somebody::else", "theirs");
            assert!(library.is_disabled());
        });
        traces.end();
        for text in ["POST /v1/traces HTTP/1.1\r\n", "application/x-protobuf", "service.name", "unistatus-test", "ours"]
        {
            receiver.until_it_has(text);
        }
        assert!(receiver.has(TRACE.to_be_bytes()));
        assert!(!receiver.has("an event") && !receiver.has("theirs"));
    }

    #[test]
    fn who_is_silent_does_not_hold_up_the_end() {
        // Listens, and never accepts: a connection is made, and nothing is ever answered.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", silent.local_addr().unwrap());
        let traces = Traces::to(Some(&endpoint), "unistatus-test").unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(traces.layer()), || {
            tracing::info_span!("ours").in_scope(|| {});
        });
        // Would hang for ever without its limit.
        traces.end();
    }
}
