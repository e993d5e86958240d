//! How the store is told what it need not keep any more.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use unistatus_core::causes::with_causes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Retention, Store};

/// How often what is too old is forgotten.
const EVERY: Duration = Duration::from_hours(1);
/// How soon it is tried again where the store could not do it.
const RETRY: Duration = Duration::from_mins(1);

/// Forgets what is older than the retention of the past, and of single checks, now and then, until `stop`.
pub(crate) async fn forget(store: Arc<dyn Store>, past: Retention, checks: Retention, stop: CancellationToken) {
    loop {
        let now = Timestamp::now();
        let done = async {
            store.retain(past, now).await?;
            store.retain_checks(checks, past, now).await
        };
        let pause = match done.await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(error = with_causes(&error), "what is too old is not forgotten yet");
                RETRY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
