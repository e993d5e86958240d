//! Answers for one reader at one moment, which nobody keeps.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::page::next_link;
use crate::error::ApiError;
use crate::json;

/// A value as JSON.
pub(super) fn value(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.content_type(ContentType::json()).insert_header((header::CACHE_CONTROL, "no-store"));
    response.body(json::to_vec(value))
}

/// `201`, and where what was added is.
///
/// # Errors
/// [`ApiError::Internal`] if the path cannot stand in a header.
pub(super) fn created(path: &str, added: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let location = HeaderValue::try_from(path).map_err(|_| ApiError::Internal)?;
    let mut response = value(StatusCode::CREATED, added);
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// A page of a list, and where the next one is.
///
/// # Errors
/// As [`next_link`].
pub(super) fn page<C: Serialize>(
    request: &HttpRequest,
    list: &impl Serialize,
    next: Option<&C>,
) -> Result<HttpResponse, ApiError> {
    let mut response = value(StatusCode::OK, list);
    if let Some(next) = next {
        response.headers_mut().insert(header::LINK, next_link(request, next)?);
    }
    Ok(response)
}

/// It is done, and there is nothing to say.
pub(super) fn done() -> HttpResponseBuilder {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
