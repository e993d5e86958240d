//! Work that is done once however many wait for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

/// Work under way, by name, and what came of it last.
pub(super) struct Flights<T: Clone>(Arc<Mutex<Known<T>>>);

struct Known<T: Clone> {
    under_way: HashMap<String, Flight<T>>,
    landed: HashMap<String, T>,
}

/// Work under way; `None` if it broke.
pub(super) type Flight<T> = Shared<BoxFuture<'static, Option<T>>>;

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// What came of the last work of this name.
    pub(super) fn landed(&self, name: &str) -> Option<T> {
        self.lock().landed.get(name).cloned()
    }

    /// The work of this name that is under way, or this one, which begins now and goes on whether or not anybody waits
    /// for it.
    pub(super) fn join(&self, name: &str, work: impl Future<Output = T> + Send + 'static) -> Flight<T> {
        let mut known = self.lock();
        if let Some(flight) = known.under_way.get(name) {
            return flight.clone();
        }
        let landing = Landing { flights: Self(Arc::clone(&self.0)), name: name.to_owned() };
        let work = tokio::spawn(async move {
            let outcome = work.await;
            landing.flights.lock().landed.insert(landing.name.clone(), outcome.clone());
            outcome
        });
        let flight = async { work.await.ok() }.boxed().shared();
        known.under_way.insert(name.to_owned(), flight.clone());
        flight
    }

    fn lock(&self) -> MutexGuard<'_, Known<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room for the next work of a name, however this one ends.
struct Landing<T: Clone + Send + Sync + 'static> {
    flights: Flights<T>,
    name: String,
}

impl<T: Clone + Send + Sync + 'static> Drop for Landing<T> {
    fn drop(&mut self) {
        self.flights.lock().under_way.remove(&self.name);
    }
}

impl<T: Clone> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Known { under_way: HashMap::new(), landed: HashMap::new() })))
    }
}

impl<T: Clone> fmt::Debug for Flights<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_while_it_is_under_way_gets_the_same() {
        let (flights, begun, go) = (Flights::default(), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let work = || {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            async move {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                go.acquire().await.unwrap().forget();
                number
            }
        };
        let waiting: Vec<_> = (0..200).map(|_| flights.join("a", work())).collect();
        let other = flights.join("b", work());
        assert_eq!(flights.landed("a"), None);
        go.add_permits(2);
        let got = futures_util::future::join_all(waiting).await;
        assert!(got.iter().all(|number| *number == got[0] && number.is_some()));
        assert_eq!((other.await.is_some(), begun.load(Ordering::Relaxed)), (true, 2));
        assert_eq!(flights.landed("a"), got[0]);
        let next = flights.join("a", work());
        go.add_permits(1);
        assert_eq!(next.await, Some(2));
    }

    #[tokio::test]
    async fn work_that_breaks_is_no_obstacle_to_the_next() {
        let flights: Flights<u8> = Flights::default();
        assert_eq!(flights.join("a", async { panic!("on purpose") }).await, None);
        assert_eq!(flights.join("a", async { 7 }).await, Some(7));
    }
}
