//! A server for one test.

use std::future::ready;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::store::{Store, TargetState};
use unistatus_core::template::Renderer;

use super::client::{Client, PATIENCE};
use super::{ManualClock, MemoryStore, NOW, at};

/// A server over a store; what can be asked of it is in [`Client`].
pub(crate) struct TestApp<S = MemoryStore> {
    client: Client,
    pub(crate) store: S,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stop: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl TestApp {
    /// A server that has these targets in its first snapshot.
    pub(crate) async fn spawn(targets: impl IntoIterator<Item = TargetState>) -> Self {
        Self::ready(MemoryStore::new(targets)).await
    }
}

impl<S: Clone + Into<Arc<dyn Store>>> TestApp<S> {
    /// A server over a store, in whatever state it is.
    pub(crate) async fn over(store: S) -> Self {
        Self::with(store, |_| ()).await
    }

    /// A server that waits as long for a store that is away as it does in earnest, once it has its first snapshot.
    pub(crate) async fn patient(store: S) -> Self {
        let app = Self::with(store, |options| options.patience = Options::default().patience).await;
        app.until("/readyz", |answer| answer.status == 200).await;
        app
    }

    /// A server that runs otherwise than usual.
    pub(crate) async fn with(store: S, change: impl FnOnce(&mut Options)) -> Self {
        let server = Server::bind("127.0.0.1", 0).await.unwrap();
        let client = Client { address: server.addresses()[0] };
        let clock = Arc::new(ManualClock::at(at(NOW)));
        let stop = CancellationToken::new();
        let mut options = Options {
            workers: NonZeroUsize::new(2),
            grace: Duration::from_secs(3),
            patience: Duration::from_secs(2),
            heartbeat: Duration::from_millis(50),
            clock: clock.clone(),
            // The program of a test renders nothing.
            renderer: Renderer::of(env!("CARGO_BIN_EXE_api").into()),
            ..Options::default()
        };
        change(&mut options);
        let open = ready(Ok(Some(store.clone().into())));
        let server = tokio::spawn(server.run(open, options, stop.clone()));
        Self { client, store, clock, stop, server }
    }

    /// The same, once it has its first snapshot.
    pub(crate) async fn ready(store: S) -> Self {
        let app = Self::over(store).await;
        app.until("/readyz", |answer| answer.status == 200).await;
        app
    }
}

impl<S> TestApp<S> {
    /// Waits for a server that was told to stop.
    pub(crate) async fn stopped(self) {
        timeout(PATIENCE, self.server).await.expect("the server does not stop").unwrap().unwrap();
    }
}

impl<S> Deref for TestApp<S> {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
