//! The resources, a file each, and what they share.

mod at;
mod badge;
pub(crate) mod body;
pub(crate) mod current;
mod docs;
mod document;
mod events;
pub(crate) mod filters;
mod graphql;
mod health;
mod health_services;
mod history;
pub(crate) mod host;
mod incidents;
mod items;
mod keys;
mod listing;
mod metrics;
mod page;
pub(crate) mod parameters;
mod password;
pub(crate) mod path;
mod private;
mod reports;
pub(crate) mod representation;
mod servers;
mod session;
mod status;
mod stream;
mod targets;
pub(crate) mod templates;
mod users;

use std::borrow::Cow;

use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard, web};
use utoipa::OpenApi;

use crate::access::Route;
use crate::dashboard;
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
    "/health-services" => health_services::tell,
    "/healthz" => health::alive,
    "/host-os" => host::os,
    "/readyz" => health::ready,
    "/which" => host::which,
}

/// Resources that are not always there, or not only read.
#[derive(OpenApi)]
#[openapi(paths(
    graphql::by_query,
    graphql::by_body,
    host::uptime,
    items::list,
    items::show,
    items::report,
    items::change,
    items::change_whole,
    items::put_aside,
    keys::list,
    keys::create,
    keys::revoke,
    metrics::scrape,
    password::change,
    reports::list,
    reports::keep,
    reports::remove_all,
    reports::show,
    reports::remove,
    servers::list,
    servers::add,
    servers::change,
    servers::remove,
    servers::pings,
    session::log_in,
    session::log_out,
    session::tell,
    templates::list,
    templates::add,
    templates::tell,
    templates::change,
    templates::amend,
    templates::remove,
    templates::render,
    users::list,
    users::add,
    users::change,
    users::remove,
))]
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
    dashboard::configure(config);
    config
        .service(readable("/api/docs", docs::redirect))
        .service(readable("/api/docs/{file:.*}", docs::file))
        .service(graphql::resource())
        .configure(items::configure)
        .configure(keys::configure)
        .configure(password::configure)
        .configure(reports::configure)
        .configure(servers::configure)
        .configure(session::configure)
        .configure(templates::configure)
        .configure(users::configure)
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::RouteNotFound) }));
}

/// Mounts what Prometheus reads.
pub(crate) fn configure_metrics(config: &mut web::ServiceConfig) {
    config.service(readable("/metrics", metrics::scrape));
}

/// A resource that can be read, by `GET` and by `HEAD`, and nothing else.
pub(crate) fn readable<F, Args>(path: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    resource(path, "GET, HEAD").route(reading().to(handler))
}

/// A resource that understands these methods, once they have routes.
pub(crate) fn resource(path: &'static str, allow: &'static str) -> Resource {
    let not_allowed = move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed { allow }) };
    web::resource(path).app_data(Route(Cow::Borrowed(path))).default_service(web::to(not_allowed))
}

/// The route of what is read. The body of the answer to a HEAD is left out by actix, its length is kept.
pub(crate) fn reading() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The paths of what is mounted otherwise.
    const OTHERWISE: [&str; 20] = [
        "/",
        "/api/items",
        "/api/items/{id}",
        "/api/keys",
        "/api/keys/{id}",
        "/api/login",
        "/api/logout",
        "/api/password",
        "/api/reports",
        "/api/reports/{id}",
        "/api/servers",
        "/api/servers/{name}",
        "/api/session",
        "/api/templates",
        "/api/templates/{id}",
        "/api/templates/{id}/render",
        "/api/users",
        "/api/users/{name}",
        "/graphql",
        "/metrics",
    ];

    #[test]
    fn what_is_mounted_is_documented_at_the_path_it_is_mounted_at() {
        let document = documentation();
        let documented: BTreeSet<&str> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(documented, PATHS.iter().copied().chain(OTHERWISE).collect());
    }
}
