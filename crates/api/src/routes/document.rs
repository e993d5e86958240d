//! `/api/openapi.json`: what this server answers, for programs.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};

use super::current::JSON;
use super::parameters::NoParameters;
use super::{documentation, representation};
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NotModified, Refused};
use crate::snapshot::Body;

/// Made when it is first asked for; it needs no snapshot.
static DOCUMENT: LazyLock<Body> = LazyLock::new(|| Body::made(json::to_vec(&documentation()).into()));

/// `GET /api/openapi.json`.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "getDocument",
    tag = "Server",
    summary = "This document",
    description = "OpenAPI 3.1, generated from the code that answers.",
    responses(
        (status = 200, description = "The document.", body = serde_json::Value, content_type = "application/json"),
        NotModified,
        Refused,
    ),
)]
pub(super) async fn json(_: NoParameters, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    representation::answer(JSON, &request, &DOCUMENT, None).await
}
