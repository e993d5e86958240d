//! How the past is read: each question at one moment.

use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, options::FindOptions};
use serde::de::DeserializeOwned;

use super::record::{EventRecord, GapRecord, IncidentRecord};
use super::{EVENTS, GAPS, INCIDENTS, MongoStore, cannot_read, query};
use crate::schema::{Event, Timestamp};
use crate::store::{EventQuery, IncidentQuery, Past, StoreError, TargetIncident, Window};

impl MongoStore {
    /// The events that a query asks for, in its order.
    pub(super) async fn page_of_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
        let order = query::order_of_events();
        let records: Vec<EventRecord> = self.page(EVENTS, query::events(query), order, query.limit).await?;
        Ok(records.into_iter().map(|record| record.event).collect())
    }

    /// The incidents that a query asks for, in its order.
    pub(super) async fn page_of_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        let order = query::order_of_incidents();
        let records: Vec<IncidentRecord> = self.page(INCIDENTS, query::incidents(query), order, query.limit).await?;
        Ok(records.into_iter().map(IncidentRecord::into_target_incident).collect())
    }

    async fn page<T: DeserializeOwned>(
        &self,
        collection: &'static str,
        filter: Document,
        order: Document,
        limit: Option<u32>,
    ) -> Result<Vec<T>, StoreError> {
        // For the server, 0 is no limit.
        if limit == Some(0) {
            return Ok(Vec::new());
        }
        let options = FindOptions::builder().sort(order).limit(limit.map(i64::from)).build();
        self.find(&mut self.moment().await?, collection, filter, options).await
    }

    /// All that was known in a window.
    pub(super) async fn all_known_in(&self, window: &Window) -> Result<Past, StoreError> {
        let mut session = self.moment().await?;
        let of_target = window.target.as_ref().map_or_else(|| doc! {}, |name| doc! { "_id": name });
        let states = self.states_at(&mut session, of_target).await?;
        let options = || FindOptions::builder().limit(window.limit()).build();
        let mut periods: Vec<EventRecord> = self
            .find(&mut session, EVENTS, query::periods(window), options())
            .await
            .and_then(|all| window.bounded(all))?;
        // Here, since the server finds them by time.
        periods.sort_by(|a, b| order_of_revisions(a).cmp(&order_of_revisions(b)));
        let gaps: Vec<GapRecord> =
            self.find(&mut session, GAPS, query::gaps(window), options()).await.and_then(|all| window.bounded(all))?;
        let mut gaps: Vec<_> = gaps.into_iter().map(|GapRecord { target, gap }| (target, gap)).collect();
        gaps.sort();
        Ok(Past { states, periods: periods.into_iter().map(EventRecord::into_period).collect(), gaps })
    }

    /// A moment at which to read: whatever is asked in this session is answered as of then.
    pub(super) async fn moment(&self) -> Result<ClientSession, StoreError> {
        self.client.start_session().snapshot(true).await.map_err(cannot_read)
    }
}

/// The order of events inside their targets.
pub(super) fn order_of_revisions(record: &EventRecord) -> (&str, u64, Timestamp, u64) {
    (&record.event.target, record.event.revision, record.event.at, record.position)
}
