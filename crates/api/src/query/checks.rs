//! What probes measured, check by check or summed up by the hour.

use unistatus_core::history::Span;
use unistatus_core::schema::{Check, ProbeId};
use unistatus_core::store::{CheckQuery, Rollup};

use crate::archive::Turn;
use crate::error::ApiError;

/// The checks that a query asks for, newest first.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn find_checks(turn: &Turn, query: CheckQuery) -> Result<Vec<Check>, ApiError> {
    turn.ask(|store| {
        let query = query.clone();
        async move { store.checks(&query).await }
    })
    .await
}

/// The sums of the hours of a probe that begin in a span, oldest first.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn find_rollups(turn: &Turn, probe: &ProbeId, span: Span) -> Result<Vec<Rollup>, ApiError> {
    turn.ask(|store| async move { store.rollups(probe, span.from, span.until).await }).await
}
