//! Incidents and maintenances, newest first.

use serde::{Deserialize, Serialize};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{IncidentId, IncidentQuery, TargetIncident};

use crate::archive::Turn;
use crate::error::ApiError;
use crate::snapshot::Snapshot;

/// The place of an incident in the list: when it began, target, key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct IncidentCursor(Option<i64>, String, String);

impl IncidentCursor {
    /// The place of an incident.
    pub(crate) fn of(found: &TargetIncident) -> Self {
        let IncidentId { started_at, target, key } = found.id();
        Self(started_at.map(Timestamp::as_millis), target, key)
    }

    /// The incident that stands there; `None` if there is no such time.
    pub(crate) fn id(self) -> Option<IncidentId> {
        let Self(started_at, target, key) = self;
        let started_at = match started_at {
            Some(millis) => Some(Timestamp::from_millis(millis)?),
            None => None,
        };
        Some(IncidentId { started_at, target, key })
    }
}

/// The incidents that a query asks for, in its order.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn find_incidents(turn: &Turn, query: IncidentQuery) -> Result<Vec<TargetIncident>, ApiError> {
    turn.ask(|store| {
        let query = query.clone();
        async move { store.find_incidents(&query).await }
    })
    .await
}

/// Knows the names of a target's services by their keys.
pub(crate) fn name_of<'a>(snapshot: &'a Snapshot, target: &str) -> impl Fn(&str) -> Option<&'a str> + use<'a> {
    let target = snapshot.target(target);
    move |key| target.and_then(|target| target.name_of(key))
}
