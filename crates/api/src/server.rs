//! Listening, serving, stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpServer, web};
use tokio::net::{TcpSocket, lookup_host};
use tokio_util::sync::CancellationToken;
use unistatus_core::store::{Store, StoreError};

use crate::app::{Context, app};
use crate::archive::Archive;
use crate::clock::{Clock, SystemClock};
use crate::snapshot;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How a server runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many threads serve requests; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// How long connections may take to finish once the server is to stop.
    pub grace: Duration,
    /// How long a question about the past may take. A database that elects a new primary is back within seconds.
    pub patience: Duration,
    /// How often a stream on which nothing happens is told that it lives.
    pub heartbeat: Duration,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: None,
            grace: Duration::from_secs(5),
            patience: Duration::from_secs(15),
            heartbeat: Duration::from_secs(15),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The host's name does not resolve.
    #[error("cannot listen on {host}: it is not the name of an address of this machine")]
    Host {
        /// The name.
        host: String,
        /// What the resolver says.
        #[source]
        source: io::Error,
    },
    /// Somebody listens there already.
    #[error("cannot listen on {0}: the port is taken by another process")]
    PortTaken(SocketAddr),
    /// The system does not let us listen there.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The server failed while it ran.
    #[error("the HTTP server failed")]
    Http(#[source] io::Error),
    /// The store did not open, and never will.
    #[error(transparent)]
    Store(StoreError),
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Listens on all addresses of a host (`localhost` often has two). Port 0 lets the system choose.
    ///
    /// # Errors
    /// Where nothing could be listened on, and for a port that is taken on any of the addresses.
    pub async fn bind(host: &str, port: u16) -> Result<Self, ServeError> {
        let unknown = |source| ServeError::Host { host: host.to_owned(), source };
        let mut server = Self { listeners: Vec::new(), addresses: Vec::new() };
        let mut failure = None;
        for address in lookup_host((host, port)).await.map_err(unknown)? {
            match listen(address) {
                Ok((listener, address)) => {
                    server.listeners.push(listener);
                    server.addresses.push(address);
                }
                Err(source) if source.kind() == io::ErrorKind::AddrInUse => return Err(ServeError::PortTaken(address)),
                // Names resolve to IPv6 addresses on machines without IPv6: one address that works is enough.
                Err(source) => failure = Some(ServeError::Bind { address, source }),
            }
        }
        if server.listeners.is_empty() {
            return Err(failure.unwrap_or_else(|| unknown(io::ErrorKind::AddrNotAvailable.into())));
        }
        Ok(server)
    }

    /// The addresses it listens on, with the ports that the system chose.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Serves what the store knows until `stop` is cancelled; then no connection is accepted any more, those that are
    /// open may finish what they are at, and those that have not by the end of the grace are cut.
    ///
    /// `store` opens the store, and is `None` if `stop` came first. Requests are answered meanwhile: whoever watches
    /// the process must be able to tell one that waits for its database from one that hangs.
    ///
    /// Runs inside any tokio runtime, beside whatever else runs there: the workers are threads with runtimes of their
    /// own, and no signal is handled. Dropping the future stops the server at once. The store is left open.
    ///
    /// # Errors
    /// [`ServeError::Http`] if the workers cannot be started, [`ServeError::Store`] if the store does not open.
    pub async fn run(
        self,
        store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>> + Send,
        options: Options,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let Options { workers, grace, patience, heartbeat, clock } = options;
        let archive = Archive::new(patience);
        let opened = async {
            let store = store.await?;
            if let Some(store) = &store {
                archive.open(Arc::clone(store));
            }
            Ok(store)
        };
        let (snapshots, keep) = snapshot::keep(opened, Arc::clone(&clock));
        let context = Context { snapshots, archive: archive.clone(), clock, heartbeat, stop: stop.clone() };
        let context = web::Data::new(context);
        let http = start(self.listeners, workers, grace, context).map_err(ServeError::Http)?;
        let handle = http.handle();
        let mut served = pin!(async {
            tokio::select! {
                result = http => result.map_err(ServeError::Http),
                // Goes on while connections finish. It ends by failing only.
                error = keep => Err(ServeError::Store(error)),
            }
        });
        tokio::select! {
            result = &mut served => return result,
            () = stop.cancelled() => {}
        }
        // The call asks the server to stop; what it returns would only tell when it has, as `served` does.
        drop(handle.stop(true));
        tokio::time::timeout(grace, served).await.unwrap_or_else(|_elapsed| {
            tracing::warn!("connections that did not finish in time are cut");
            Ok(())
        })
    }
}

/// Sets up the workers. Apart from [`Server::run`], whose future could not be spawned with the builder inside.
fn start(
    listeners: Vec<TcpListener>,
    workers: Option<NonZeroUsize>,
    grace: Duration,
    context: web::Data<Context>,
) -> io::Result<actix_web::dev::Server> {
    let mut http = HttpServer::new(move || app(context.clone()))
        .disable_signals()
        // The grace is counted by us, to the millisecond: actix looks once a second.
        .shutdown_timeout(grace.as_secs().saturating_add(1));
    if let Some(workers) = workers {
        http = http.workers(workers.get());
    }
    for listener in listeners {
        http = http.listen(listener)?;
    }
    Ok(http.run())
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the connections of the process before it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener.into_std()?, address))
}
