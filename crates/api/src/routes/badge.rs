//! `/api/badge/{target}` and `/api/badge/{target}/{service}`: a status as a picture.

use actix_web::{HttpRequest, HttpResponse};
use unistatus_core::schema::Status;

use super::current::Current;
use super::parameters::NoParameters;
use super::path;
use crate::badge::svg;
use crate::error::ApiError;

/// `GET /api/badge/{target}`: the worst of its services.
pub(super) async fn of_target(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let target = current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?;
    Ok(current.answer_svg(&request, svg(target.title(), Status::worst(target.statuses()))))
}

/// `GET /api/badge/{target}/{service}`: the worst of the services of that name.
pub(super) async fn of_service(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    let target = current.snapshot().target(&target).ok_or(ApiError::TargetNotFound)?;
    let named = target.statuses_named(&service).ok_or(ApiError::ServiceNotFound)?;
    let name = format!("{}: {service}", target.title());
    Ok(current.answer_svg(&request, svg(&name, Status::worst(named))))
}
