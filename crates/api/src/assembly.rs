//! What a server is made of, whether it listens or stands in its caller's own process.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use actix_web::web;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use unistatus_core::metrics::StoreMetrics;
use unistatus_core::store::{Measured, Store, StoreError};

use crate::app::{Context, Layers};
use crate::archive::Archive;
use crate::auth::{Auth, Callers, Rules};
use crate::dashboard::Front;
use crate::items::Items;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::refresh::Refresher;
use crate::server::{Options, ServeError};
use crate::servers::Servers;
use crate::snapshot;

/// What a server is made of.
pub(crate) struct Assembly<K> {
    pub(crate) context: web::Data<Context>,
    pub(crate) layers: Layers,
    /// Keeps what is known up to date; ends only if the store does not open.
    pub(crate) keep: K,
    pub(crate) beside: Beside,
}

/// Puts a server together.
///
/// # Errors
/// [`ServeError::Metrics`], [`ServeError::Redis`].
pub(crate) fn assemble(
    store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>> + Send,
    options: Options,
    callers: Callers,
    stop: CancellationToken,
) -> Result<Assembly<impl Future<Output = StoreError> + Send>, ServeError> {
    let (limits, rollbar) = (options.limits()?, options.rollbar()?);
    let Options { patience, heartbeat, clock, access_log, cors, public_url, .. } = options;
    let metrics = web::Data::new(Metrics::new().map_err(ServeError::Metrics)?);
    let archive = Archive::new(patience);
    let opened = open(store, archive.clone(), metrics.store());
    let (snapshots, keep) = snapshot::keep(opened, Arc::clone(&clock), metrics.rendering());
    let rules = Rules { read: options.read_access, admin: options.admin, secret_key: options.secret_key, callers };
    let auth = Auth::new(rules, archive.clone(), Arc::clone(&clock));
    let beside = Beside { auth: auth.clone(), limits: limits.clone() };
    let refresher = Refresher::new(options.refreshing, archive.clone(), Arc::clone(&clock));
    let context = web::Data::new(Context {
        snapshots,
        archive,
        clock,
        heartbeat,
        public_url,
        auth,
        servers: Servers::new(options.address_policy),
        renderer: options.renderer,
        items: Items::new(rollbar),
        limits,
        trusted_proxies: options.trusted_proxies,
        refresher,
        began: Instant::now(),
        front: Front::default(),
        stop,
    });
    let layers = Layers { metrics, serves_metrics: options.metrics, access_log, cors, unheard: Arc::default() };
    Ok(Assembly { context, layers, keep, beside })
}

/// The store that opens, measured, for the archive, too.
async fn open(
    store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>>,
    archive: Archive,
    metrics: StoreMetrics,
) -> Result<Option<Arc<dyn Store>>, StoreError> {
    let store = store.await?.map(|store| Arc::new(Measured::new(store, metrics)) as Arc<dyn Store>);
    if let Some(store) = &store {
        archive.open(Arc::clone(store));
    }
    Ok(store)
}

/// What is seen to beside the requests.
pub(crate) struct Beside {
    auth: Auth,
    limits: Option<Limits>,
}

impl Beside {
    /// Goes on for ever.
    pub(crate) async fn keep(self) -> Infallible {
        let limits = async {
            match &self.limits {
                Some(limits) => limits.keep().await,
                None => pending().await,
            }
        };
        tokio::select! {
            never = self.auth.keep() => never,
            never = limits => never,
        }
    }
}
