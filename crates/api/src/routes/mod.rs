//! The resources, a file each, and what they share.

mod at;
mod badge;
mod current;
mod events;
mod filters;
mod graphql;
mod health;
mod history;
mod incidents;
mod listing;
mod metrics;
mod page;
mod parameters;
mod path;
mod status;
mod stream;
mod targets;

use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard, web};

use crate::access::Route;
use crate::error::ApiError;

/// Mounts every resource; any other path is [`ApiError::RouteNotFound`].
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(readable("/api/status", status::all))
        .service(readable("/api/status/{target}", status::of_target))
        .service(readable("/api/status/{target}/{service}", status::of_service))
        .service(readable("/api/badge/{target}", badge::of_target))
        .service(readable("/api/badge/{target}/{service}", badge::of_service))
        .service(readable("/api/events", events::list))
        .service(readable("/api/events.atom", events::feed))
        .service(readable("/api/history/{target}", history::of_target))
        .service(readable("/api/history/{target}/{service}", history::of_service))
        .service(readable("/api/incidents", incidents::list))
        .service(readable("/api/stream", stream::follow))
        .service(readable("/check", health::check))
        .service(readable("/api/targets", targets::all))
        .service(readable("/api/targets/{target}", targets::one))
        .service(graphql::resource())
        .service(readable("/healthz", health::alive))
        .service(readable("/readyz", health::ready))
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::RouteNotFound) }));
}

/// Mounts what Prometheus reads.
pub(crate) fn configure_metrics(config: &mut web::ServiceConfig) {
    config.service(readable("/metrics", metrics::scrape));
}

/// A resource that can be read, by `GET` and by `HEAD`, and nothing else.
fn readable<F, Args>(path: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .app_data(Route(path))
        // The body of the answer to a HEAD is left out by actix, its length is kept.
        .route(web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler))
        .default_service(web::to(|| async {
            Err::<HttpResponse, _>(ApiError::MethodNotAllowed { allow: "GET, HEAD" })
        }))
}
