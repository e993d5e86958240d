//! What the resolvers of one request may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::Context;
use unistatus_core::schema::Timestamp;

use crate::archive::{Archive, Turn};
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
    /// The turn of the archive, where something is asked about the past.
    turn: Option<Result<Turn, ApiError>>,
    asked: AtomicUsize,
    /// How many elements the lists of the answer have so far.
    spent: AtomicUsize,
}

impl Asker {
    /// How many elements the lists of one answer may have, all of them together: as values of GraphQL they take much
    /// more memory than as JSON.
    pub(super) const ELEMENTS: usize = 25_000;

    /// A request that has asked nothing yet.
    pub(crate) const fn new(snapshot: Arc<Snapshot>, now: Timestamp, archive: Archive) -> Self {
        Self { snapshot, now, archive, turn: None, asked: AtomicUsize::new(0), spent: AtomicUsize::new(0) }
    }

    /// Waits for a turn of the archive, for all questions about the past together. If there is none, they have to tell.
    pub(super) async fn take_turn(&mut self) {
        self.turn = Some(self.archive.turn().await);
    }

    /// Counts the elements of a list.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if the lists of the answer have too many together.
    pub(super) fn spend(&self, elements: usize) -> Result<(), ApiError> {
        let spent = self.spent.fetch_add(elements, Ordering::Relaxed).saturating_add(elements);
        if spent <= Self::ELEMENTS {
            return Ok(());
        }
        Err(ApiError::BadRequest(format!(
            "The lists of an answer may have {} elements in all: ask for fewer at a time, with \"limit\" and \"after\".",
            Self::ELEMENTS
        )))
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
    /// [`ApiError::BadRequest`] if the request has asked its fill; [`ApiError::StoreUnavailable`] if the archive had no
    /// turn for it.
    pub(super) fn archive(&self) -> Result<&Turn, ApiError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) >= QUESTIONS {
            return Err(ApiError::BadRequest(format!(
                "A request may ask about the past {QUESTIONS} times at the most."
            )));
        }
        let Some(turn) = &self.turn else {
            tracing::error!("a question of GraphQL about the past was taken for one about the present");
            return Err(ApiError::Internal);
        };
        turn.as_ref().map_err(Clone::clone)
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
