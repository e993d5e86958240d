//! A server for one test.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::store::TargetState;

use super::client::request;
use super::{Answer, Connection, ManualClock, MemoryStore, NOW, at};

/// How long a test waits for what must come. Reached only where it fails.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stop: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl TestApp {
    /// A server that has these targets in its first snapshot.
    pub(crate) async fn spawn(targets: impl IntoIterator<Item = TargetState>) -> Self {
        let app = Self::over(MemoryStore::new(targets)).await;
        app.until("/readyz", |answer| answer.status == 200).await;
        app
    }

    /// A server over a store, in whatever state it is.
    pub(crate) async fn over(store: MemoryStore) -> Self {
        let server = Server::bind("127.0.0.1", 0).await.unwrap();
        let address = server.addresses()[0];
        let clock = Arc::new(ManualClock::at(at(NOW)));
        let stop = CancellationToken::new();
        let options = Options { workers: NonZeroUsize::new(2), grace: Duration::from_secs(3), clock: clock.clone() };
        let server = tokio::spawn(server.run(Arc::new(store.clone()), options, stop.clone()));
        Self { address, store, clock, stop, server }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[]).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut connection = Connection::open(self.address).await;
        connection.send(&request(method, path, headers)).await;
        connection.rest().await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = None;
        let wanted = timeout(PATIENCE, async {
            loop {
                let answer = self.get(path).await;
                if is_wanted(&answer) {
                    return answer;
                }
                last = Some(answer);
                tokio::task::yield_now().await;
            }
        });
        let wanted = wanted.await;
        wanted.unwrap_or_else(|_elapsed| panic!("{path} never came to be as wanted; at last it was {last:?}"))
    }

    /// Waits for a server that was told to stop.
    pub(crate) async fn stopped(self) {
        timeout(PATIENCE, self.server).await.expect("the server does not stop").unwrap().unwrap();
    }
}
