//! The answer that brings a body.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::conditional::is_not_modified;
use crate::encoding::negotiate;
use crate::error::ApiError;
use crate::snapshot::{Body, LastModified};

/// What answers depend on beside their address.
pub(super) const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("Accept-Encoding");
/// A client shall ask each time.
pub(super) const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
/// The same of what is for this client alone.
pub(crate) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Answers with a body in the coding that the client likes best, or with 304 where it has that already.
///
/// The client shall ask each time (`no-cache`), as a change may come at any moment; mostly it is told that what it has
/// still holds.
pub(crate) async fn answer(
    content_type: HeaderValue,
    request: &HttpRequest,
    body: &Body,
    last_modified: Option<&LastModified>,
) -> Result<HttpResponse, ApiError> {
    let representation = body.in_coding(negotiate(request.headers()));
    // Only a read may be answered with 304; a question that is posted is not one, to HTTP.
    let not_modified = request.method().is_safe()
        && is_not_modified(request.headers(), representation.etag(), last_modified.map(|modified| modified.seconds));
    let mut response = if not_modified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::CACHE_CONTROL, NO_CACHE))
        .insert_header((header::VARY, ACCEPT_ENCODING))
        .insert_header((header::ETAG, representation.etag().clone()));
    if let Some(modified) = last_modified {
        response.insert_header((header::LAST_MODIFIED, modified.http_date.clone()));
    }
    if not_modified {
        return Ok(response.finish());
    }
    if let Some(coding) = representation.coding() {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str())));
    }
    let bytes = representation.bytes().await.map_err(|error| {
        tracing::error!(%error, "a body cannot be encoded");
        ApiError::Internal
    })?;
    Ok(response.insert_header((header::CONTENT_TYPE, content_type)).body(bytes))
}
