//! The work on passwords: it takes a core and 19 MiB each time, so only so much of it is done at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::ApiError;
use crate::query::apart;

/// How many passwords are worked on at a time.
const TURNS: usize = 2;
/// How many more may wait for that.
const QUEUE: usize = 30;

/// The turns.
#[derive(Debug)]
pub(super) struct Hashing {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(TURNS + QUEUE)), turns: Arc::new(Semaphore::new(TURNS)) }
    }
}

impl Hashing {
    /// Does a work on a password, on a thread that may block.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] if too many wait already.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_full| ApiError::TooManyRequests { seconds: 1 })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| ApiError::Internal)?;
        // Both are held until the work is done, also where nobody waits for it any more.
        apart(move || {
            let done = work();
            drop((place, turn));
            done
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn two_at_a_time_some_wait_and_more_are_refused() {
        let hashing = Arc::new(Hashing::default());
        let (at_work, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (go, gate) = mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let works = (0..TURNS + QUEUE + 5).map(|_| {
            let (hashing, at_work, most, gate) =
                (Arc::clone(&hashing), Arc::clone(&at_work), Arc::clone(&most), Arc::clone(&gate));
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    gate.lock().unwrap().recv().unwrap();
                    at_work.fetch_sub(1, Ordering::SeqCst);
                };
                hashing.work(work).await
            })
        });
        let works: Vec<_> = works.collect();
        // The refusals come while nothing gets on.
        while works.iter().filter(|work| work.is_finished()).count() < 5 {
            tokio::task::yield_now().await;
        }
        for _ in 0..TURNS + QUEUE {
            go.send(()).unwrap();
        }
        let done = join_all(works).await.into_iter().map(Result::unwrap);
        let refused = done.filter(|done| *done == Err(ApiError::TooManyRequests { seconds: 1 })).count();
        assert_eq!((refused, most.load(Ordering::SeqCst) <= TURNS), (5, true));
    }
}
