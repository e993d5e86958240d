//! Doing the same with many targets, some at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many targets are under way at once. How many of them ask one host, the fetcher decides.
const AT_ONCE: usize = 64;

/// Does the work on all items; tells what came of each, with its place, in the order in which they are done.
///
/// May be cancelled: what is under way is given up.
pub(super) async fn each<T, R, W>(items: Vec<T>, work: impl Fn(T) -> W, mut done: impl FnMut(usize, R))
where
    R: Send + 'static,
    W: Future<Output = R> + Send + 'static,
{
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (place, item) in items.into_iter().enumerate() {
        let (turns, work) = (Arc::clone(&turns), work(item));
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            (place, work.await)
        });
    }
    while let Some(finished) = tasks.join_next().await {
        // A task that panicked has said so itself.
        if let Ok((place, result)) = finished {
            done(place, result);
        }
    }
}
