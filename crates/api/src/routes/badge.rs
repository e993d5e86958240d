//! `/api/badge/{target}` and `/api/badge/{target}/{service}`: a status as a picture.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse};
use unistatus_core::schema::Status;

use super::current::Current;
use super::parameters::NoParameters;
use super::path;
use crate::badge::svg;
use crate::error::ApiError;
use crate::openapi::answers::{NoService, NoTarget, NotModified, NotReady, Refused};
use crate::snapshot::{Body, TargetView};

const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml; charset=utf-8");

/// `GET /api/badge/{target}`: the worst of its services.
#[utoipa::path(
    get,
    path = "/api/badge/{target}",
    operation_id = "getTargetBadge",
    tag = "Status",
    summary = "A target's status as a picture",
    description = "The worst status of its services, as an SVG badge for pages and read-mes.",
    params(path::TargetName),
    responses(
        (status = 200, description = "The badge.", body = String, content_type = "image/svg+xml; charset=utf-8"),
        NotModified,
        Refused,
        NoTarget,
        NotReady,
    ),
)]
pub(super) async fn of_target(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let target = current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?;
    let statuses = target.services().map(|service| service.status());
    answer(&current, &request, svg(title(target), Status::worst(statuses))).await
}

/// `GET /api/badge/{target}/{service}`: the worst of the services of that name.
#[utoipa::path(
    get,
    path = "/api/badge/{target}/{service}",
    operation_id = "getServiceBadge",
    tag = "Status",
    summary = "A service's status as a picture",
    description = "The worst status of the services of that name, as an SVG badge.",
    params(path::ServiceName),
    responses(
        (status = 200, description = "The badge.", body = String, content_type = "image/svg+xml; charset=utf-8"),
        NotModified,
        Refused,
        NoService,
        NotReady,
    ),
)]
pub(super) async fn of_service(
    _: NoParameters,
    current: Current,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    let target = current.snapshot().target(&target).ok_or(ApiError::TargetNotFound)?;
    let positions = target.positions_named(&service);
    let named = target.services().enumerate().filter(|(position, _)| positions.contains(position));
    let status = Status::worst(named.map(|(_, service)| service.status())).ok_or(ApiError::ServiceNotFound)?;
    answer(&current, &request, svg(&format!("{}: {service}", title(target)), Some(status))).await
}

/// What people call a target.
fn title(target: &TargetView) -> &str {
    target.state().about.title.as_deref().unwrap_or(target.name())
}

async fn answer(current: &Current, request: &HttpRequest, svg: String) -> Result<HttpResponse, ApiError> {
    current.answer_as(SVG, request, &Body::made(svg.into())).await
}
