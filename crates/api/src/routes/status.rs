//! `/api/status`: how everything is now.

use actix_web::{HttpRequest, HttpResponse};

use super::current::Current;
use super::parameters::NoParameters;
use super::path;
use crate::error::ApiError;

/// `GET /api/status`: all targets with their services.
pub(super) async fn all(_: NoParameters, current: Current, request: HttpRequest) -> HttpResponse {
    current.answer(&request, current.snapshot().status())
}

/// `GET /api/status/{target}`: the services of one target, a row each.
pub(super) async fn of_target(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let target = current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?;
    Ok(current.answer(&request, target.rows()))
}

/// `GET /api/status/{target}/{service}`: the services of that name, a row each.
pub(super) async fn of_service(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    let target = current.snapshot().target(&target).ok_or(ApiError::TargetNotFound)?;
    let rows = target.rows_named(&service).ok_or(ApiError::ServiceNotFound)?;
    Ok(current.answer(&request, &rows))
}
