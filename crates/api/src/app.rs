//! The application that each worker runs.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, Error, web};
use tokio_util::sync::CancellationToken;

use crate::archive::Archive;
use crate::clock::Clock;
use crate::guard::guard;
use crate::routes;
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
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
}

/// All routes and layers.
pub(crate) fn app(
    context: web::Data<Context>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(context)
        .configure(routes::configure)
        .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
        .wrap(from_fn(guard))
}
