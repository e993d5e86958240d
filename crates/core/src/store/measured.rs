//! A store that tells how it does: every operation is timed and counted, and is a span where traces are taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;
use tracing::{Instrument, field};

use super::{
    Changed, Commit, EventQuery, History, IncidentQuery, Outcome, Past, Place, Placed, Retention, States, Store,
    StoreError, TargetIncident, TargetState, Watch, Window,
};
use crate::metrics::StoreMetrics;
use crate::schema::{Event, Incident, Timestamp};

/// A store, measured. Does what the one inside does.
#[derive(Debug)]
pub struct Measured {
    store: Arc<dyn Store>,
    metrics: StoreMetrics,
}

impl Measured {
    /// A store whose operations are counted in these metrics.
    pub fn new(store: Arc<dyn Store>, metrics: StoreMetrics) -> Self {
        metrics.set_up(true);
        Self { store, metrics }
    }

    async fn measure<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let span = tracing::info_span!(
            "store",
            otel.name = operation,
            otel.kind = "client",
            otel.status_code = field::Empty,
            error = field::Empty
        );
        let begun = Instant::now();
        let result = work.instrument(span.clone()).await;
        self.metrics.ended(operation, begun.elapsed(), result.as_ref().err());
        if let Err(error) = &result {
            span.record("otel.status_code", "ERROR").record("error", field::display(error));
        }
        result
    }
}

#[async_trait]
impl States for Measured {
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        self.measure("commit", self.store.commit(commit)).await
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        self.measure("targets", self.store.targets()).await
    }

    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError> {
        self.measure("target", self.store.target(name)).await
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        self.measure("names", self.store.names()).await
    }

    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        self.measure("targets_named", self.store.targets_named(names)).await
    }
}

#[async_trait]
impl History for Measured {
    async fn events(&self, target: &str) -> Result<Vec<Event>, StoreError> {
        self.measure("events", self.store.events(target)).await
    }

    async fn incidents(&self, target: &str) -> Result<Vec<Incident>, StoreError> {
        self.measure("incidents", self.store.incidents(target)).await
    }

    async fn find_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
        self.measure("find_events", self.store.find_events(query)).await
    }

    async fn find_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        self.measure("find_incidents", self.store.find_incidents(query)).await
    }

    async fn past(&self, window: &Window) -> Result<Past, StoreError> {
        self.measure("past", self.store.past(window)).await
    }

    async fn events_behind(&self, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        self.measure("events_behind", self.store.events_behind(place, limit)).await
    }

    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<(), StoreError> {
        self.measure("retain", self.store.retain(retention, now)).await
    }
}

#[async_trait]
impl Store for Measured {
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        let watch = self.measure("watch", self.store.watch()).await?;
        Ok(Box::new(MeasuredWatch { watch, metrics: self.metrics.clone() }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.measure("ping", self.store.ping()).await
    }

    async fn close(&self) {
        self.store.close().await;
    }
}

/// A watch whose errors are counted. How long it waits says nothing about the database.
struct MeasuredWatch {
    watch: Box<dyn Watch>,
    metrics: StoreMetrics,
}

#[async_trait]
impl Watch for MeasuredWatch {
    async fn changed(&mut self) -> Result<Changed, StoreError> {
        let changed = self.watch.changed().await;
        self.metrics.noticed("changed", changed.as_ref().err());
        changed
    }

    fn place(&self) -> Option<Place> {
        self.watch.place()
    }
}
