//! The bodies of requests: JSON, not too large, and not too slow.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use crate::error::ApiError;

/// How many bytes a body may have.
const LONGEST: usize = 64 * 1024;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a body may say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON.
    Json,
    /// The same, or a JSON merge patch (RFC 7396).
    MergePatch,
}

impl Kind {
    /// Whether it may be of this type.
    fn accepts(self, essence: &str) -> bool {
        essence == "application/json" || (self == Self::MergePatch && essence == "application/merge-patch+json")
    }

    /// What is accepted, for people.
    const fn told(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::MergePatch => "application/merge-patch+json or application/json",
        }
    }
}

/// Reads a body that has to be JSON, and say so: a page of another site cannot send that unasked.
///
/// # Errors
/// [`ApiError::UnsupportedMediaType`], [`ApiError::PayloadTooLarge`], [`ApiError::RequestTimeout`].
pub(super) async fn bytes(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, ApiError> {
    must_be(Kind::Json, request, false)?;
    received(request, payload, LONGEST).await
}

/// Reads a body that is taken for JSON where it does not say what it is.
///
/// # Errors
/// As [`bytes`].
pub(super) async fn unnamed_bytes(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, ApiError> {
    must_be(Kind::Json, request, true)?;
    received(request, payload, LONGEST).await
}

/// Reads what a form sends.
///
/// # Errors
/// As [`bytes`].
pub(crate) async fn form(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, ApiError> {
    const FORM: &str = "application/x-www-form-urlencoded";
    if !request.content_type().eq_ignore_ascii_case(FORM) {
        return Err(ApiError::UnsupportedMediaType(FORM));
    }
    received(request, payload, LONGEST).await
}

/// Reads what a body says. The error says what is expected and not what was sent, which may be a secret.
///
/// # Errors
/// As [`bytes`]; [`ApiError::BadRequest`].
pub(super) async fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    expected: &str,
) -> Result<T, ApiError> {
    parse(&bytes(request, payload).await?, expected)
}

/// The same of a body that may have so many bytes.
///
/// # Errors
/// As [`json`].
pub(super) async fn long_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    kind: Kind,
    longest: usize,
    expected: &str,
) -> Result<T, ApiError> {
    must_be(kind, request, false)?;
    parse(&received(request, payload, longest).await?, expected)
}

/// What a body says.
///
/// # Errors
/// [`ApiError::BadRequest`] says what is expected.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, ApiError> {
    let wrong = || ApiError::BadRequest(format!("The body is not the JSON expected: {expected}."));
    let said = serde_json::from_slice(body).map_err(|_| wrong())?;
    // What is read takes a list of values for an object that has them, and no body of ours has a list.
    if has_list(&serde_json::from_slice(body).map_err(|_| wrong())?) { Err(wrong()) } else { Ok(said) }
}

fn has_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(fields) => fields.values().any(has_list),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn must_be(kind: Kind, request: &HttpRequest, or_unnamed: bool) -> Result<(), ApiError> {
    let is_accepted =
        request.mime_type().is_ok_and(|mime| mime.map_or(or_unnamed, |mime| kind.accepts(mime.essence_str())));
    if is_accepted { Ok(()) } else { Err(ApiError::UnsupportedMediaType(kind.told())) }
}

async fn received(request: &HttpRequest, payload: web::Payload, longest: usize) -> Result<web::Bytes, ApiError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > longest) {
        return Err(ApiError::PayloadTooLarge);
    }
    let bytes = timeout(PATIENCE, payload.to_bytes_limited(longest)).await.map_err(|_| ApiError::RequestTimeout)?;
    bytes.map_err(|_| ApiError::PayloadTooLarge)?.map_err(|error| ApiError::from_actix(&error))
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest as _;
    use actix_web::dev::Payload;
    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use futures_util::{StreamExt as _, stream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let request = TestRequest::post().to_http_request();
        let begun = stream::iter([Ok::<_, PayloadError>(web::Bytes::from_static(b"{"))]).chain(stream::pending());
        let payload = web::Payload::from_request(&request, &mut Payload::from(begun.boxed_local())).await.unwrap();
        assert_eq!(unnamed_bytes(&request, payload).await, Err(ApiError::RequestTimeout));
    }
}
