//! What the routes below `/api/status` answer, for those who have the store at hand and no server.

use std::sync::Arc;

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

pub use crate::error::ApiError;
use crate::snapshot::Snapshot;

/// What the routes answer at one moment.
#[derive(Debug)]
pub struct Answers(Arc<Snapshot>);

impl Answers {
    /// The answers where this is what is known.
    pub fn of(states: Vec<TargetState>, now: Timestamp) -> Self {
        Self(Snapshot::of(states, now))
    }

    /// What `GET /api/status` answers.
    pub fn status(&self) -> Bytes {
        self.0.status().bytes().clone()
    }

    /// What `GET /api/status/{target}` and `GET /api/status/{target}/{service}` answer.
    ///
    /// # Errors
    /// [`ApiError::TargetNotFound`] and [`ApiError::ServiceNotFound`].
    pub fn rows(&self, target: &str, service: Option<&str>) -> Result<Bytes, ApiError> {
        let target = self.0.target(target).ok_or(ApiError::TargetNotFound)?;
        match service {
            None => Ok(target.rows().bytes().clone()),
            Some(service) => {
                target.rows_named(service).map(|rows| rows.bytes().clone()).ok_or(ApiError::ServiceNotFound)
            }
        }
    }
}
