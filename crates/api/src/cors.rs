//! Which pages of other origins may use the API in a browser: all of it, as far as the key or the token goes that the page
//! itself has. Never as whoever has logged in there: the cookie is not for them.

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::Condition;
use unistatus_core::config::CorsOrigins;

use crate::auth::X_API_KEY;
use crate::limits;
use crate::request_id::X_REQUEST_ID;

/// For how many seconds a browser need not ask again what it may do.
const PREFLIGHT: usize = 3600;

/// The layer that answers browsers for these origins; nothing at all where there are none.
pub(crate) fn cors(origins: &CorsOrigins) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
        .allowed_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_MODIFIED_SINCE,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("last-event-id"),
            X_API_KEY.clone(),
            X_REQUEST_ID.clone(),
        ])
        .expose_headers([
            header::AGE,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            header::RETRY_AFTER,
            X_REQUEST_ID.clone(),
        ])
        .expose_headers(limits::HEADERS)
        .max_age(PREFLIGHT);
    match origins {
        CorsOrigins::None => Condition::new(false, cors),
        CorsOrigins::Any => Condition::new(true, cors.allow_any_origin().send_wildcard()),
        CorsOrigins::Some(origins) => {
            Condition::new(true, origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)))
        }
    }
}
