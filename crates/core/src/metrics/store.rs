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
        for kind in COUNTED {
            self.errors.with_label_values(&[operation, kind]);
        }
        if let Some(error) = error {
            self.errors.with_label_values(&[operation, kind(error)]).inc();
        }
        self.set_up(!error.is_some_and(StoreError::is_transient));
    }
}

/// The kinds that somebody has to hear of. Each is counted from the first operation on, as no error yet: only of a series
/// that was there before the first error is seen.
const COUNTED: [&str; 5] = ["unavailable", "corrupt", "invalid", "unsuitable", "too_large"];

/// The word for an error.
const fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable { .. } => "unavailable",
        StoreError::Conflict { .. } => "conflict",
        StoreError::Fenced { .. } => "fenced",
        StoreError::Invalid { .. } => "invalid",
        StoreError::Unsuitable(_) => "unsuitable",
        StoreError::TooMuch { .. } => "too_much",
        StoreError::TooLarge { .. } => "too_large",
        StoreError::Corrupt { .. } => "corrupt",
    }
}
