//! The world as it was known at an instant.

use std::sync::Arc;

use unistatus_core::history::world_at;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::Window;

use super::apart;
use crate::archive::Turn;
use crate::error::ApiError;
use crate::snapshot::Snapshot;

/// What was known at an instant of a target, or of all of them. The instant does not lie ahead.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn world(turn: &Turn, at: Timestamp, target: Option<&str>) -> Result<Arc<Snapshot>, ApiError> {
    let window = Window::new(target, at, at);
    let past = turn.ask(|store| {
        let window = window.clone();
        async move { store.past(&window).await }
    });
    let past = past.await?;
    apart(move || Snapshot::of(world_at(past, at), at)).await
}
