//! The resources, a file each, and what they share.

mod at;
mod badge;
mod current;
mod docs;
mod document;
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
mod representation;
mod status;
mod stream;
mod targets;

use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard, web};
use utoipa::OpenApi;

use crate::access::Route;
use crate::error::ApiError;
use crate::openapi::complete;

/// Mounts resources that can be read, and makes the document of them: one that is not documented does not compile.
macro_rules! documented {
    ($($path:literal => $module:ident::$handler:ident,)+) => {
        fn mount(config: &mut web::ServiceConfig) {
            config$(.service(readable($path, $module::$handler)))+;
        }

        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler),+), components(schemas(crate::error::ErrorBody)))]
        struct Documented;

        /// The paths that are mounted.
        #[cfg(test)]
        const PATHS: &[&str] = &[$($path),+];
    };
}

documented! {
    "/api/status" => status::all,
    "/api/status/{target}" => status::of_target,
    "/api/status/{target}/{service}" => status::of_service,
    "/api/badge/{target}" => badge::of_target,
    "/api/badge/{target}/{service}" => badge::of_service,
    "/api/events" => events::list,
    "/api/events.atom" => events::feed,
    "/api/history/{target}" => history::of_target,
    "/api/history/{target}/{service}" => history::of_service,
    "/api/incidents" => incidents::list,
    "/api/openapi.json" => document::json,
    "/api/stream" => stream::follow,
    "/api/targets" => targets::all,
    "/api/targets/{target}" => targets::one,
    "/check" => health::check,
    "/healthz" => health::alive,
    "/readyz" => health::ready,
}

/// Resources that are not always there, or not only read.
#[derive(OpenApi)]
#[openapi(paths(graphql::by_query, graphql::by_body, metrics::scrape))]
struct MountedOtherwise;

/// The document of all resources.
fn documentation() -> utoipa::openapi::OpenApi {
    let mut document = Documented::openapi();
    document.merge(MountedOtherwise::openapi());
    complete(document)
}

/// Mounts every resource; any other path is [`ApiError::RouteNotFound`].
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    mount(config);
    config
        .service(readable("/api/docs", docs::redirect))
        .service(readable("/api/docs/{file:.*}", docs::file))
        .service(graphql::resource())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_mounted_is_documented_at_the_path_it_is_mounted_at() {
        let document = documentation();
        let documented: BTreeSet<&str> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(documented, PATHS.iter().copied().chain(["/graphql", "/metrics"]).collect());
    }
}
