//! The right to ask. Targets that servers may ask, too, on behalf of requests are asked by one at a time.

use std::time::Duration;

use tokio::time::timeout;
use unistatus_core::observe::Known;
use unistatus_core::schema::Timestamp;

use crate::shared::Shared;

/// For how long a turn is taken: longer than an ask takes.
const SPAN: Duration = Duration::from_mins(1);
/// How long the store may take to grant one. Asking never waits for a store that is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes the right to ask a target, and learns what is known of it by then; `false` if somebody else asks it just now.
pub(crate) async fn take(shared: &Shared, name: &str, known: &mut Known) -> bool {
    if !shared.options.shared_targets.contains(name) {
        return true;
    }
    let is_taken = is_taken(shared, name).await;
    if is_taken {
        catch_up(shared, name, known).await;
    }
    is_taken
}

async fn is_taken(shared: &Shared, name: &str) -> bool {
    let take = shared.store.take_turn(name, shared.commit_ids.writer(), SPAN, Timestamp::now());
    match timeout(PATIENCE, take).await {
        Ok(Ok(is_taken)) => is_taken,
        // Nobody else can take it either.
        Ok(Err(_)) | Err(_) => true,
    }
}

/// What is known of a target after somebody else may have asked it: what the store has, where that is newer.
async fn catch_up(shared: &Shared, name: &str, known: &mut Known) {
    if let Ok(Ok(stored)) = timeout(PATIENCE, Known::load(shared.store.as_ref(), name)).await
        && stored.revision > known.revision
    {
        *known = stored;
    }
}

/// Gives the right back, once what the ask found is written: whoever takes it next goes on from there.
pub(crate) async fn end(shared: &Shared, name: &str) {
    if shared.options.shared_targets.contains(name) {
        let end = async {
            shared.backlog.written(name).await;
            shared.store.end_turn(name, shared.commit_ids.writer()).await
        };
        // It ends by itself, too.
        let _ = timeout(PATIENCE, end).await;
    }
}
