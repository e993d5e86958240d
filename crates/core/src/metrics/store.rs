//! How the store does.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, Result};

use crate::store::StoreError;

/// From what a local file answers within to what nobody should wait for.
const SECONDS: [f64; 11] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// How the store does: whether it is there, how long it takes, what goes wrong. To clone it makes another handle.
#[derive(Clone, Debug)]
pub struct StoreMetrics {
    up: IntGauge,
    durations: HistogramVec,
    errors: IntCounterVec,
}

impl StoreMetrics {
    /// Metrics that are told in this registry.
    ///
    /// # Errors
    /// If the registry has some of a store already.
    pub fn new(registry: &Registry) -> Result<Self> {
        let up = "Whether the database answers (1) or is away (0).";
        let durations = HistogramOpts::new(
            "unistatus_store_operation_duration_seconds",
            "How long the database took for an operation, failed ones included, in seconds.",
        );
        let errors =
            Opts::new("unistatus_store_errors_total", "Operations that the database failed or refused, by kind.");
        let metrics = Self {
            up: IntGauge::new("unistatus_store_up", up)?,
            durations: HistogramVec::new(durations.buckets(SECONDS.to_vec()), &["operation"])?,
            errors: IntCounterVec::new(errors, &["operation", "kind"])?,
        };
        registry.register(Box::new(metrics.up.clone()))?;
        registry.register(Box::new(metrics.durations.clone()))?;
        registry.register(Box::new(metrics.errors.clone()))?;
        Ok(metrics)
    }

    /// Says whether the database is there, where somebody knows better than by the last operation.
    pub fn set_up(&self, is_up: bool) {
        self.up.set(i64::from(is_up));
    }

    /// Counts an operation and how it ended.
    pub(crate) fn ended(&self, operation: &'static str, took: Duration, error: Option<&StoreError>) {
        self.durations.with_label_values(&[operation]).observe(took.as_secs_f64());
        self.noticed(operation, error);
    }

    /// Counts how something ended that takes as long as it likes.
    pub(crate) fn noticed(&self, operation: &'static str, error: Option<&StoreError>) {
        let failed = self.errors.with_label_values(&[operation, kind(error)]);
        if error.is_some() {
            failed.inc();
        }
        self.set_up(!error.is_some_and(StoreError::is_transient));
    }
}

/// The word for an error. What went well counts as no error of the commonest kind: a series that is there from the
/// first operation on is one whose first error is seen.
const fn kind(error: Option<&StoreError>) -> &'static str {
    match error {
        None | Some(StoreError::Unavailable { .. }) => "unavailable",
        Some(StoreError::Conflict { .. }) => "conflict",
        Some(StoreError::Fenced { .. }) => "fenced",
        Some(StoreError::Invalid { .. }) => "invalid",
        Some(StoreError::Unsuitable(_)) => "unsuitable",
        Some(StoreError::TooMuch { .. }) => "too_much",
        Some(StoreError::TooLarge { .. }) => "too_large",
        Some(StoreError::Corrupt { .. }) => "corrupt",
    }
}
