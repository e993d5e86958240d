//! What `/metrics` tells: of the targets as they are served, and of the server itself.
//!
//! Of the targets there is much to tell, and it changes seldom: it is written once per snapshot. What the server counts
//! is little and changes with every request: it is written for each scrape.

mod chunks;
mod http;
mod render;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use prometheus::{Gauge, Histogram, HistogramOpts, IntGauge, Registry, Result};
use unistatus_core::metrics::{self, StoreMetrics};
use unistatus_core::schema::Timestamp;

use crate::snapshot::{Latest, Snapshot};
pub(crate) use chunks::Chunks;
use http::HttpMetrics;
pub(crate) use http::RequestCounters;
pub(crate) use render::Seen;
use render::{MOST_SERVICES, render};

/// The metrics of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    http: HttpMetrics,
    store: StoreMetrics,
    age: Gauge,
    dropped: IntGauge,
    rendering: Histogram,
    written: Mutex<Option<Written>>,
}

/// What was written of a snapshot.
#[derive(Debug)]
struct Written {
    of: Arc<Snapshot>,
    text: Bytes,
}

impl Metrics {
    /// Metrics that have counted nothing yet.
    ///
    /// # Errors
    /// A fault of ours: a name that Prometheus does not take.
    pub(crate) fn new() -> Result<Self> {
        let registry = metrics::registry(env!("CARGO_PKG_VERSION"))?;
        let age = Gauge::new(
            "unistatus_snapshot_age_seconds",
            "For how long the database has not confirmed what is served: 0 while it is there, NaN before anything was read.",
        )?;
        let dropped =
            IntGauge::new("unistatus_metrics_dropped_series", "Services left out here because there are too many.")?;
        let rendering = Histogram::with_opts(
            HistogramOpts::new(
                "unistatus_snapshot_render_seconds",
                "How long a change took from its reading from the database until it was served, uncompressed.",
            )
            .buckets(vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5]),
        )?;
        registry.register(Box::new(rendering.clone()))?;
        registry.register(Box::new(age.clone()))?;
        registry.register(Box::new(dropped.clone()))?;
        let (http, store) = (HttpMetrics::new(&registry)?, StoreMetrics::new(&registry)?);
        Ok(Self { registry, http, store, age, dropped, rendering, written: Mutex::default() })
    }

    /// What counts the store's operations.
    pub(crate) fn store(&self) -> StoreMetrics {
        self.store.clone()
    }

    /// What is told how long changes take to be served.
    pub(crate) fn rendering(&self) -> Histogram {
        self.rendering.clone()
    }

    /// What one worker counts its requests with.
    pub(crate) fn worker(&self) -> RequestCounters {
        self.http.worker()
    }

    /// All there is to tell now.
    pub(crate) fn scrape(&self, latest: Option<Latest>, now: Timestamp) -> Chunks<2> {
        let unconfirmed = latest.as_ref().map(|latest| latest.unconfirmed_since);
        self.store.set_up(unconfirmed == Some(None));
        self.age.set(match unconfirmed {
            Some(since) => since.map_or(0.0, |since| since.until(now).as_secs_f64()),
            None => f64::NAN,
        });
        let targets = latest.map(|latest| self.of_snapshot(latest.snapshot)).unwrap_or_default();
        Chunks::new([targets, metrics::encode(&self.registry).into()])
    }

    /// What there is to tell of a snapshot, which is written where it was not yet. Who asks meanwhile waits for it.
    fn of_snapshot(&self, snapshot: Arc<Snapshot>) -> Bytes {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        match &*written {
            Some(written) if Arc::ptr_eq(&written.of, &snapshot) => written.text.clone(),
            _ => {
                let rendered = render(&snapshot.seen(), MOST_SERVICES);
                self.dropped.set(i64::try_from(rendered.dropped).unwrap_or(i64::MAX));
                let text = Bytes::from(rendered.text);
                *written = Some(Written { of: snapshot, text: text.clone() });
                text
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::body::to_bytes;
    use unistatus_core::schema::Status;

    use super::*;
    use crate::snapshot::testing::{at, service, target};

    async fn scraped(metrics: &Metrics, latest: Option<Latest>) -> String {
        let text = to_bytes(metrics.scrape(latest, at(60))).await.unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn the_age_is_that_of_the_last_confirmation() {
        let metrics = Metrics::new().unwrap();
        let snapshot = Snapshot::of(vec![], at(0));
        for (latest, age, up) in
            [(None, "NaN", 0), (Some(None), "0", 1), (Some(Some(at(0).plus(Duration::from_millis(500)))), "59.5", 0)]
        {
            let latest = latest.map(|unconfirmed_since| Latest {
                snapshot: Arc::clone(&snapshot),
                unconfirmed_since,
                follows: 0,
                place: None,
            });
            let text = scraped(&metrics, latest).await;
            assert!(text.contains(&format!("\nunistatus_snapshot_age_seconds {age}\n")), "{text}");
            assert!(text.contains(&format!("\nunistatus_store_up {up}\n")), "{text}");
        }
    }

    #[test]
    fn a_snapshot_is_written_once() {
        let metrics = Metrics::new().unwrap();
        let of = |status| Snapshot::of(vec![target("a", [service("x", status)])], at(0));
        let (first, second) = (of(Status::Ok), of(Status::Outage));
        let written = metrics.of_snapshot(Arc::clone(&first));
        assert_eq!(metrics.of_snapshot(first).as_ptr(), written.as_ptr());
        assert!(metrics.of_snapshot(second).windows(4).any(|window| window == b"\"} 3"));
    }
}
