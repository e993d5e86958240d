//! What the snapshot does not hold and the store is asked for: the past.
//!
//! Who asks takes a turn, and keeps it until the answer is made: the past is large, and only so much of it is read and
//! worked on at a time. So readers of the past never keep those of the present from anything, nor the database from its
//! work. And a turn is given up after a while.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use unistatus_core::causes::with_causes;
use unistatus_core::store::{Store, StoreError};

use crate::error::ApiError;

/// How many turns there are: fewer than SQLite has readers, so that one is left for whoever follows what
/// is known now.
const TURNS: usize = 3;
/// How long to wait before a database that is away is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// How long the database may take to say that it is there.
const CHECK: Duration = Duration::from_secs(5);

/// Asks the store. Clones share the turns.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    store: Arc<OnceLock<Arc<dyn Store>>>,
    turns: Arc<Semaphore>,
    /// How long the store may take to answer, the wait for a turn included.
    patience: Duration,
}

impl Archive {
    /// One whose store is not open yet.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { store: Arc::default(), turns: Arc::new(Semaphore::new(TURNS)), patience }
    }

    /// Hands over the store, once it is open.
    pub(crate) fn open(&self, store: Arc<dyn Store>) {
        let _ = self.store.set(store);
    }

    /// The store, once it is open.
    pub(crate) fn store(&self) -> Option<&Arc<dyn Store>> {
        self.store.get()
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`] if none is free in time, or the store is not open yet.
    pub(crate) async fn turn(&self) -> Result<Turn, ApiError> {
        let store = self.store.get().ok_or(ApiError::StoreUnavailable)?;
        let deadline = Instant::now() + self.patience;
        match timeout_at(deadline, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { store: Arc::clone(store), deadline, _permit: permit }),
            Ok(Err(_closed)) => Err(ApiError::Internal),
            Err(_elapsed) => {
                tracing::warn!("the store has no time for a question about the past");
                Err(ApiError::StoreUnavailable)
            }
        }
    }

    /// Asks the store one thing, or has it change one, without a turn and once: it is little, and whether a change that
    /// got no answer was made is not known.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`] if there is no answer within `most` (nor within the patience of questions about
    /// the past); what the work itself refuses.
    pub(crate) async fn once<T, E, A>(
        &self,
        most: Duration,
        work: impl FnOnce(Arc<dyn Store>) -> A,
    ) -> Result<T, ApiError>
    where
        E: Into<ApiError>,
        A: Future<Output = Result<T, E>>,
    {
        let store = self.store.get().ok_or(ApiError::StoreUnavailable)?;
        match timeout(most.min(self.patience), work(Arc::clone(store))).await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_elapsed) => {
                tracing::warn!("the store did not answer in time");
                Err(ApiError::StoreUnavailable)
            }
        }
    }

    /// Whether the database answers a real question, decided within five seconds.
    pub(crate) async fn is_there(&self) -> bool {
        let Some(store) = self.store.get() else { return false };
        matches!(timeout(CHECK, store.ping()).await, Ok(Ok(())))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(error = with_causes(&error), "the store did not answer");
            return Self::StoreUnavailable;
        }
        tracing::error!(error = with_causes(&error), "the store refuses");
        Self::Internal
    }
}

/// The right to ask the store and to work on what it answers, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    store: Arc<dyn Store>,
    /// When the store must have answered everything.
    deadline: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Asks the store; where it is away, again and again until the deadline.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`] if it did not answer in time; [`ApiError::BadRequest`] if the answer would be too
    /// large; [`ApiError::Internal`] for what it has and cannot read.
    pub(crate) async fn ask<T, A>(&self, question: impl Fn(Arc<dyn Store>) -> A) -> Result<T, ApiError>
    where
        A: Future<Output = Result<T, StoreError>>,
    {
        let asked = timeout_at(self.deadline, async {
            loop {
                match question(Arc::clone(&self.store)).await {
                    Err(error) if error.is_transient() && Instant::now() + PAUSE < self.deadline => sleep(PAUSE).await,
                    answer => return answer,
                }
            }
        });
        match asked.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error @ StoreError::TooMuch { .. })) => {
                Err(ApiError::BadRequest(format!("{error}: ask for a shorter window.")))
            }
            Ok(Err(error)) if error.is_transient() => {
                tracing::warn!(error = with_causes(&error), "the store did not answer a question about the past");
                Err(ApiError::StoreUnavailable)
            }
            Ok(Err(error)) => {
                tracing::error!(error = with_causes(&error), "a question about the past cannot be answered");
                Err(ApiError::Internal)
            }
            Err(_elapsed) => {
                tracing::warn!("the store did not answer a question about the past in time");
                Err(ApiError::StoreUnavailable)
            }
        }
    }
}
