//! The answers that bring a page.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

use super::accept::prefers_html;
use super::frame::{Frame, Here};
use super::templates;
use crate::error::ApiError;
use crate::routes::current::Current;
use crate::snapshot::Body;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Everything a page needs comes from this server, and nothing of it stands in the page itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// Other sites do not learn which page led to them.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
/// What a page depends on beside its address.
pub(super) const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");

/// The page that tells why there is no other.
#[derive(Serialize)]
struct ErrorPage {
    frame: Frame,
    heading: &'static str,
    message: String,
    /// Whether the page is worth asking for again in a moment.
    passes: bool,
}

/// Answers with a page, or with 304 where the browser has it already.
pub(super) async fn page(current: &Current, request: &HttpRequest, body: &Body) -> Result<HttpResponse, ApiError> {
    let mut response = current.answer_as(HTML, request, body).await?;
    protect(response.headers_mut());
    Ok(response)
}

/// What a page's handler answers: to people an error is a page, too.
pub(super) fn for_people(
    request: &HttpRequest,
    answer: Result<HttpResponse, ApiError>,
) -> Result<HttpResponse, ApiError> {
    match answer {
        Err(error) if prefers_html(request.headers()) => error_page(&error),
        answer => answer,
    }
}

fn error_page(error: &ApiError) -> Result<HttpResponse, ApiError> {
    let page = ErrorPage {
        frame: Frame::new("Not shown", Here::Elsewhere),
        heading: heading(error),
        message: error.to_string(),
        passes: matches!(error, ApiError::NotReady(_)),
    };
    let html = templates::render("error.html", &page)?;
    let mut response = error.error_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HTML);
    protect(response.headers_mut());
    Ok(response.set_body(html).map_into_boxed_body())
}

const fn heading(error: &ApiError) -> &'static str {
    match error {
        ApiError::TargetNotFound | ApiError::ServiceNotFound | ApiError::RouteNotFound => "There is nothing here",
        ApiError::BadRequest(_) => "That cannot be read",
        ApiError::NotReady(_) => "One moment",
        _ => "Something went wrong",
    }
}

fn protect(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, REFERRER);
    headers.insert(header::VARY, VARY);
}
