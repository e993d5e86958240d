//! What the resolvers of one request may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::Context;
use unistatus_core::schema::Timestamp;

use crate::archive::Archive;
use crate::error::ApiError;
use crate::query::{not_ahead, world};
use crate::snapshot::Snapshot;

/// How many questions one request may put to the archive.
const QUESTIONS: usize = 10;

/// One request: what is known at its moment, and the archive to ask for more.
#[derive(Debug)]
pub(crate) struct Asker {
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    archive: Archive,
    asked: AtomicUsize,
}

impl Asker {
    /// A request that has asked nothing yet.
    pub(crate) const fn new(snapshot: Arc<Snapshot>, now: Timestamp, archive: Archive) -> Self {
        Self { snapshot, now, archive, asked: AtomicUsize::new(0) }
    }

    /// The one whose resolver this is.
    pub(super) fn of<'a>(context: &Context<'a>) -> Result<&'a Self, ApiError> {
        context.data().map_err(|error| {
            tracing::error!(?error, "a request of GraphQL came without what it needs");
            ApiError::Internal
        })
    }

    /// What is known.
    pub(super) const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// When the request came.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The archive, for one question.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if the request has asked its fill.
    pub(super) fn archive(&self) -> Result<&Archive, ApiError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < QUESTIONS {
            return Ok(&self.archive);
        }
        Err(ApiError::BadRequest(format!("A request may ask about the past {QUESTIONS} times at the most.")))
    }

    /// What was known at an instant of a target, or of all of them; what is known now, where there is no instant.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for an instant that lies ahead, and what the archive cannot answer.
    pub(super) async fn known_at(
        &self,
        at: Option<Timestamp>,
        target: Option<&str>,
    ) -> Result<Arc<Snapshot>, ApiError> {
        let Some(at) = at else { return Ok(Arc::clone(&self.snapshot)) };
        not_ahead("at", at, self.now)?;
        world(self.archive()?, at, target).await
    }
}
