//! Changes of status, newest first.

use serde::{Deserialize, Serialize};
use unistatus_core::schema::{Event, Timestamp};
use unistatus_core::store::{EventId, EventQuery};

use crate::archive::Turn;
use crate::error::ApiError;

/// The place of an event in the list: when, target, revision, key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EventCursor(i64, String, u64, String);

impl EventCursor {
    /// The place of an event.
    pub(crate) fn of(event: &Event) -> Self {
        let EventId { at, target, revision, key } = EventId::of(event);
        Self(at.as_millis(), target, revision, key)
    }

    /// The event that stands there; `None` if there is no such time.
    pub(crate) fn id(self) -> Option<EventId> {
        let Self(at, target, revision, key) = self;
        Some(EventId { at: Timestamp::from_millis(at)?, target, revision, key })
    }
}

/// The events that a query asks for, in its order.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn find_events(turn: &Turn, query: EventQuery) -> Result<Vec<Event>, ApiError> {
    turn.ask(|store| {
        let query = query.clone();
        async move { store.find_events(&query).await }
    })
    .await
}
