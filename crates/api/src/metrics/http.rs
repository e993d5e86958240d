//! What is counted of requests.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, Result};

/// From an answer out of memory to one that the database had to be asked for.
const SECONDS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The counters of all requests.
#[derive(Clone, Debug)]
pub(super) struct HttpMetrics {
    requests: IntCounterVec,
    durations: HistogramVec,
}

impl HttpMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let requests = Opts::new("unistatus_http_requests_total", "Requests that were answered.");
        let durations = HistogramOpts::new(
            "unistatus_http_request_duration_seconds",
            "How long it took until an answer was there to be sent, in seconds.",
        );
        let metrics = Self {
            requests: IntCounterVec::new(requests, &["method", "route", "status"])?,
            durations: HistogramVec::new(durations.buckets(SECONDS.to_vec()), &["route"])?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.durations.clone()))?;
        Ok(metrics)
    }

    /// What one worker counts with.
    pub(super) fn worker(&self) -> RequestCounters {
        RequestCounters { metrics: self.clone(), known: RefCell::default() }
    }
}

/// What tells requests apart. There are few kinds: a handful of methods, the routes, and the statuses we answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    method: &'static str,
    route: Cow<'static, str>,
    status: StatusCode,
}

/// The counters as one worker uses them: each kind of request is looked up by its labels once.
#[derive(Debug)]
pub(crate) struct RequestCounters {
    metrics: HttpMetrics,
    known: RefCell<HashMap<Kind, (IntCounter, Histogram)>>,
}

impl RequestCounters {
    /// Counts a request to a route that was answered like this.
    pub(crate) fn answered(&self, method: &Method, route: Cow<'static, str>, status: StatusCode, took: Duration) {
        let kind = Kind { method: word(method), route, status };
        let mut known = self.known.borrow_mut();
        let (requests, durations) = known.entry(kind).or_insert_with_key(|kind| {
            let labels = [kind.method, &*kind.route, kind.status.as_str()];
            (
                self.metrics.requests.with_label_values(&labels),
                self.metrics.durations.with_label_values(&[&*kind.route]),
            )
        });
        requests.inc();
        durations.observe(took.as_secs_f64());
    }
}

/// The word for a method. Clients may send any; the label has few values.
fn word(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
        .into_iter()
        .find(|word| method.as_str() == *word)
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use unistatus_core::metrics::encode;

    use super::*;

    #[test]
    fn workers_count_together_and_methods_are_few() {
        let registry = Registry::new();
        let metrics = HttpMetrics::new(&registry).unwrap();
        for worker in [metrics.worker(), metrics.worker()] {
            for method in ["GET", "BREW", "SIP"] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                worker.answered(&method, Cow::Borrowed("/a"), StatusCode::OK, Duration::from_micros(200));
            }
        }
        let text = String::from_utf8(encode(&registry)).unwrap();
        for line in [
            r#"unistatus_http_requests_total{method="GET",route="/a",status="200"} 2"#,
            r#"unistatus_http_requests_total{method="other",route="/a",status="200"} 4"#,
            r#"unistatus_http_request_duration_seconds_bucket{route="/a",le="0.0001"} 0"#,
            r#"unistatus_http_request_duration_seconds_bucket{route="/a",le="0.00025"} 6"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
