//! The application that each worker runs.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, Error, web};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use unistatus_core::config::CorsOrigins;
use unistatus_core::networks::Networks;
use unistatus_core::telemetry::AccessLog;
use unistatus_core::template::Renderer;

use crate::access::{Access, access};
use crate::archive::Archive;
use crate::auth::{Auth, Gate};
use crate::clock::Clock;
use crate::cors::cors;
use crate::dashboard::Front;
use crate::items::Items;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::refresh::Refresher;
use crate::remote::Unheard;
use crate::request_id::RequestIds;
use crate::routes;
use crate::servers::Servers;
use crate::snapshot::Snapshots;

/// What the routes may use.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// What is known.
    pub(crate) snapshots: Snapshots,
    /// What the store is asked for.
    pub(crate) archive: Archive,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// How often a stream on which nothing happens is told that it lives.
    pub(crate) heartbeat: Duration,
    /// Under which address people reach the server, if that is known.
    pub(crate) public_url: Option<String>,
    /// Who may do what.
    pub(crate) auth: Auth,
    /// The team's own servers.
    pub(crate) servers: Servers,
    /// What fills templates in.
    pub(crate) renderer: Renderer,
    /// The items of the team's Rollbar project.
    pub(crate) items: Items,
    /// How often somebody may ask, where that is limited.
    pub(crate) limits: Option<Limits>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Networks,
    /// What asks sources on behalf of requests.
    pub(crate) refresher: Refresher,
    /// When the server began to run.
    pub(crate) began: Instant,
    /// The dashboard's first page, kept for all who open it.
    pub(crate) front: Front,
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
}

/// How the layers around the routes behave.
#[derive(Clone, Debug)]
pub(crate) struct Layers {
    /// What is counted.
    pub(crate) metrics: web::Data<Metrics>,
    /// Whether that is served.
    pub(crate) serves_metrics: bool,
    /// Which requests are logged.
    pub(crate) access_log: AccessLog,
    /// The origins whose pages may read.
    pub(crate) cors: CorsOrigins,
    /// What is said of peers that speak for others and are not trusted.
    pub(crate) unheard: Arc<Unheard>,
}

/// All routes and layers.
pub(crate) fn app(
    context: web::Data<Context>,
    layers: Layers,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let worker = Rc::new(Access {
        ids: RequestIds::new(),
        counters: layers.metrics.worker(),
        log: layers.access_log,
        trusted_proxies: context.trusted_proxies.clone(),
        unheard: layers.unheard,
    });
    let gate = Gate(context.clone());
    let app = App::new().app_data(context).app_data(layers.metrics).configure(routes::configure);
    let app = if layers.serves_metrics { app.configure(routes::configure_metrics) } else { app };
    // Inside of what answers browsers of other origins: they ask whether they may ask without saying who they are.
    app.wrap(gate)
        .wrap(cors(&layers.cors))
        .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
        .wrap(from_fn(move |request, next| access(Rc::clone(&worker), request, next)))
}
