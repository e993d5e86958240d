//! The answers that bring a page.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;

use super::accept::is_for_people;
use super::frame::{Frame, Here};
use super::viewer::{self, Viewer};
use super::{posted, templates};
use crate::app::Context;
use crate::auth::Visitor;
use crate::error::ApiError;
use crate::routes::current::Current;
use crate::routes::representation::PRIVATE;
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
pub(super) const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Cookie");

/// The page that tells why there is no other.
#[derive(Serialize)]
struct ErrorPage {
    frame: Frame,
    heading: &'static str,
    message: String,
    /// Whether the page is worth asking for again in a moment.
    passes: bool,
    is_logged_out: bool,
}

/// Answers with a page about what is known, or with 304 where the browser has it already. What is shown to somebody who
/// said who they are is kept for nobody else.
pub(super) async fn page(
    current: &Current,
    request: &HttpRequest,
    viewer: &Viewer,
    body: &Body,
) -> Result<HttpResponse, ApiError> {
    let mut response = current.answer_as(HTML, request, body).await?;
    if viewer.is_known() {
        response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
    }
    protect(response.headers_mut());
    Ok(response)
}

/// Answers with a page for one reader at one moment, which nobody keeps.
pub(super) fn once(template: &str, page: &impl Serialize) -> Result<HttpResponse, ApiError> {
    refused(StatusCode::OK, template, page)
}

/// Answers with a page that tells why something was not done.
pub(super) fn refused(status: StatusCode, template: &str, page: &impl Serialize) -> Result<HttpResponse, ApiError> {
    dressed(HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).finish(), template, page)
}

/// Answers with a page that tells of an error.
pub(super) fn failed(error: &ApiError, template: &str, page: &impl Serialize) -> Result<HttpResponse, ApiError> {
    dressed(error.error_response(), template, page)
}

fn dressed(mut response: HttpResponse, template: &str, page: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let html = templates::render(template, page)?;
    response.headers_mut().insert(header::CONTENT_TYPE, HTML);
    protect(response.headers_mut());
    Ok(response.set_body(html).map_into_boxed_body())
}

/// What people get where a request is refused: a page that says why, or, where they only have to log in, the page for
/// that. `None` where a program asks.
pub(crate) async fn told_to_people(error: &ApiError, request: &HttpRequest) -> Option<HttpResponse> {
    if !is_for_people(request) {
        return None;
    }
    if matches!(error, ApiError::Unauthorized(_)) && request.method().is_safe() {
        let mut response = posted::done(&viewer::way_in(request));
        response.headers_mut().insert(header::VARY, VARY);
        return Some(response);
    }
    let page = ErrorPage {
        frame: Frame::new("Not shown", Here::Elsewhere, who(request).await),
        heading: heading(error),
        message: error.to_string(),
        passes: matches!(error, ApiError::NotReady(_)),
        is_logged_out: matches!(error, ApiError::Unauthorized(_)),
    };
    failed(error, "error.html", &page).ok()
}

/// Who sends a request that is refused, if that is known.
async fn who(request: &HttpRequest) -> Viewer {
    let stranger = || Viewer::stranger(request);
    let Some(context) = request.app_data::<web::Data<Context>>() else { return stranger() };
    let visitor = Visitor::of(request);
    Viewer::of(request, context, visitor).await.unwrap_or_else(|_| stranger())
}

const fn heading(error: &ApiError) -> &'static str {
    match error {
        ApiError::TargetNotFound | ApiError::ServiceNotFound | ApiError::RouteNotFound => "There is nothing here",
        ApiError::BadRequest(_) => "That cannot be read",
        ApiError::NotReady(_) | ApiError::TooManyRequests { .. } => "One moment",
        ApiError::Unauthorized(_) => "Log in first",
        ApiError::Forbidden(_) => "That is not allowed",
        ApiError::MethodNotAllowed { .. } => "That is not how it is asked for",
        _ => "Something went wrong",
    }
}

fn protect(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, REFERRER);
    headers.insert(header::VARY, VARY);
}
