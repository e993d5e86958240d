//! Work that takes milliseconds.

use tokio::task::spawn_blocking;

use crate::error::ApiError;

/// Does a work on a thread that may block, so that no other client waits for it.
///
/// # Errors
/// [`ApiError::Internal`] if it panics.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "what was asked for cannot be made");
        ApiError::Internal
    })
}
