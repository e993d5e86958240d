//! Listening, serving, stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::web;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use unistatus_core::config::{CorsOrigins, DbUrl, Hidden, ReadAccess, Settings};
use unistatus_core::listen::{self, ListenError};
use unistatus_core::networks::{AddressPolicy, Networks};
use unistatus_core::rollbar::{Account, Rollbar, RollbarError};
use unistatus_core::store::{Store, StoreError};
use unistatus_core::telemetry::AccessLog;
use unistatus_core::template::Renderer;

use crate::app::{Context, Layers, app};
use crate::assembly::{Assembly, assemble};
use crate::auth::Callers;
use crate::clock::{Clock, SystemClock};
use crate::limits::{Limits, RedisError};
use crate::refresh::Refreshing;
use crate::wire::Worded;

/// How long a connection that was told to close may take to do so.
const DISCONNECT: Duration = Duration::from_secs(1);

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
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// The origins whose pages may read the answers in a browser.
    pub cors: CorsOrigins,
    /// Under which address people reach the server; the one a request was sent to where it is not given.
    pub public_url: Option<String>,
    /// Whether `/metrics` is served.
    pub metrics: bool,
    /// Who may read.
    pub read_access: ReadAccess,
    /// The first user, who may do everything: the name and the password.
    pub admin: Option<(String, Hidden)>,
    /// What tokens are signed with; where it is not given, the store keeps something random.
    pub secret_key: Option<Hidden>,
    /// How many requests a minute are answered of one key or address; `None` for any number.
    pub rate_limit: Option<NonZeroU32>,
    /// The Redis in which several servers count together.
    pub redis_url: Option<DbUrl>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Networks,
    /// Which addresses servers may have that are added.
    pub address_policy: AddressPolicy,
    /// Which targets are asked on behalf of requests.
    pub refreshing: Refreshing,
    /// What fills templates in: by default, the program that runs.
    pub renderer: Renderer,
    /// The Rollbar project whose items are served.
    pub rollbar: Option<Account>,
}

impl Options {
    /// What the settings say; the rest is the default.
    pub fn of(settings: &Settings) -> Self {
        Self {
            access_log: settings.access_log,
            cors: settings.cors_origins.clone(),
            public_url: settings.public_url.clone(),
            metrics: settings.prometheus_enabled,
            read_access: settings.read_access,
            admin: settings.admin.clone(),
            secret_key: settings.secret_key.clone(),
            rate_limit: settings.default_rate_limit,
            redis_url: settings.redis_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            address_policy: settings.address_policy.clone(),
            refreshing: Refreshing::of(settings),
            rollbar: Account::of(settings),
            ..Self::default()
        }
    }

    /// Whether a server can run like this, as far as that can be told without listening and without asking anybody.
    ///
    /// # Errors
    /// [`ServeError::Redis`], [`ServeError::Rollbar`].
    pub fn check(&self) -> Result<(), ServeError> {
        self.limits()?;
        self.rollbar()?;
        Ok(())
    }

    /// What counts requests, where they are limited.
    pub(crate) fn limits(&self) -> Result<Option<Limits>, RedisError> {
        let count = |limit| Limits::new(limit, self.redis_url.as_ref(), Arc::clone(&self.clock));
        self.rate_limit.map(count).transpose()
    }

    /// The client of the Rollbar project, where there is one.
    pub(crate) fn rollbar(&self) -> Result<Option<Rollbar>, RollbarError> {
        self.rollbar.as_ref().map(Rollbar::new).transpose()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: None,
            grace: Duration::from_secs(5),
            patience: Duration::from_secs(15),
            heartbeat: Duration::from_secs(15),
            clock: Arc::new(SystemClock),
            access_log: AccessLog::default(),
            cors: CorsOrigins::default(),
            public_url: None,
            metrics: true,
            read_access: ReadAccess::default(),
            admin: None,
            secret_key: None,
            rate_limit: None,
            redis_url: None,
            trusted_proxies: Networks::default(),
            address_policy: AddressPolicy::default(),
            refreshing: Refreshing::none(),
            renderer: Renderer::default(),
            rollbar: None,
        }
    }
}

/// Why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nothing can be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The metrics cannot be set up: a fault of ours.
    #[error("the metrics cannot be set up")]
    Metrics(#[source] prometheus::Error),
    /// The server failed while it ran.
    #[error("the HTTP server failed")]
    Http(#[source] io::Error),
    /// The address of Redis is none.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// The client of Rollbar cannot be set up.
    #[error(transparent)]
    Rollbar(#[from] RollbarError),
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
        let (listeners, addresses) = listen::bind(host, port).await?.into_iter().unzip();
        Ok(Self { listeners, addresses })
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
    /// [`ServeError::Http`] if the workers cannot be started, [`ServeError::Store`] if the store does not open,
    /// [`ServeError::Redis`] if the address of Redis is none, [`ServeError::Rollbar`] if the client of Rollbar cannot be set
    /// up.
    pub async fn run(
        self,
        store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>> + Send,
        options: Options,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let (workers, grace) = (options.workers, options.grace);
        let Assembly { context, layers, keep, beside } = assemble(store, options, Callers::Anybody, stop.clone())?;
        let http = start(self.listeners, workers, grace, &context, &layers).map_err(ServeError::Http)?;
        let handle = http.handle();
        let mut served = pin!(async {
            tokio::select! {
                result = http => result.map_err(ServeError::Http),
                // Goes on while connections finish. It ends by failing only.
                error = keep => Err(ServeError::Store(error)),
                never = beside.keep() => match never {},
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
///
/// This is what `actix_web::HttpServer` does, but for the connections, which are [`Worded`].
fn start(
    listeners: Vec<TcpListener>,
    workers: Option<NonZeroUsize>,
    grace: Duration,
    context: &web::Data<Context>,
    layers: &Layers,
) -> io::Result<actix_server::Server> {
    let mut http = actix_server::Server::build()
        .disable_signals()
        // The grace is counted by us, to the millisecond: actix looks once a second.
        .shutdown_timeout(grace.as_secs().saturating_add(1));
    if let Some(workers) = workers {
        http = http.workers(workers.get());
    }
    for listener in listeners {
        let (context, layers) = (context.clone(), layers.clone());
        http = http.listen("api", listener, move || {
            let app = app(context.clone(), layers.clone()).into_factory();
            let app = map_config(app.map_err(|error| error.error_response()), |()| AppConfig::default());
            let stop = context.stop.clone();
            let service = HttpService::build()
                .graceful_shutdown_signal(move || stop.clone().cancelled_owned())
                .client_disconnect_timeout(DISCONNECT)
                .finish(app);
            fn_service(accept).and_then(service)
        })?;
    }
    Ok(http.run())
}

/// Takes a connection. Small writes leave at once: a stream's events would wait for the client's acknowledgements else.
async fn accept(connection: TcpStream) -> Result<(Worded<TcpStream>, Protocol, Option<SocketAddr>), DispatchError> {
    connection.set_nodelay(true).map_err(DispatchError::Io)?;
    let peer = connection.peer_addr().ok();
    Ok((Worded::new(connection), Protocol::Http1, peer))
}
