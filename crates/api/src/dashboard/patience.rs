//! How long a page waits for what only the database knows.
//!
//! It may be out of reach, and a page about the present must not wait for it, nor fail with it.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::error::ApiError;
use crate::routes::current::Current;

/// How long a page waits in all.
const LONGEST: Duration = Duration::from_secs(4);

/// What is left of it.
pub(super) struct Patience {
    /// `None` where the database is known to be away: to wait for it helps nobody.
    deadline: Option<Instant>,
}

impl Patience {
    /// That of a page which is made from now on.
    pub(super) fn begin(current: &Current) -> Self {
        let is_there = current.latest().unconfirmed_since.is_none();
        Self { deadline: is_there.then(|| Instant::now() + LONGEST) }
    }

    /// Waits for an answer of the database.
    ///
    /// # Errors
    /// Why there is none, as a sentence for people.
    pub(super) async fn wait<T>(&self, answer: impl Future<Output = Result<T, ApiError>>) -> Result<T, String> {
        let answered = match self.deadline {
            Some(deadline) => timeout_at(deadline, answer).await.unwrap_or(Err(ApiError::StoreUnavailable)),
            None => Err(ApiError::StoreUnavailable),
        };
        answered.map_err(|error| error.to_string())
    }
}
