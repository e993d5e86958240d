//! Waiting for what is to come, and failing rather than hanging.

use std::time::Duration;

use unistatus_core::store::{Store, TargetState};

/// How long anything may take. No test depends on it being short.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);

/// Waits for what must come to an end.
pub(crate) async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("it never came to this: {what}"))
}

/// Waits until a target is as wanted.
pub(crate) async fn target_until(
    store: &dyn Store,
    name: &str,
    what: &str,
    is_wanted: impl Fn(&TargetState) -> bool,
) -> TargetState {
    let mut last = None;
    let wanted = tokio::time::timeout(PATIENCE, async {
        let mut watch = store.watch().await.unwrap();
        loop {
            last = store.target(name).await.unwrap();
            if let Some(state) = last.clone().filter(|state| is_wanted(state)) {
                return state;
            }
            watch.changed().await.unwrap();
        }
    });
    let wanted = wanted.await;
    wanted.unwrap_or_else(|_| panic!("{name} never came to this: {what}; at last it was {last:#?}"))
}

/// Looks again and again, until there is what is looked for.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(what, looking).await
}
