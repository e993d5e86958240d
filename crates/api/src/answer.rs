//! What the routes below `/api/status` answer, for those who have the store at hand and no server.

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

pub use crate::error::ApiError;
use crate::snapshot::Snapshot;

/// What `GET /api/status` answers.
pub fn status(states: Vec<TargetState>, now: Timestamp) -> Bytes {
    Snapshot::of(states, now).status().bytes().clone()
}

/// What `GET /api/status/{target}` and `GET /api/status/{target}/{service}` answer.
///
/// # Errors
/// [`ApiError::TargetNotFound`] and [`ApiError::ServiceNotFound`].
pub fn rows(states: Vec<TargetState>, now: Timestamp, target: &str, service: Option<&str>) -> Result<Bytes, ApiError> {
    let snapshot = Snapshot::of(states, now);
    let target = snapshot.target(target).ok_or(ApiError::TargetNotFound)?;
    match service {
        None => Ok(target.rows().bytes().clone()),
        Some(service) => target.rows_named(service).map(|rows| rows.bytes().clone()).ok_or(ApiError::ServiceNotFound),
    }
}
