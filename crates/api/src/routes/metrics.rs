//! `/metrics`: for Prometheus.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use unistatus_core::metrics::CONTENT_TYPE;

use super::parameters::NoParameters;
use crate::app::Context;
use crate::metrics::Metrics;
use crate::openapi::answers::Refused;

#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "Server",
    summary = "What Prometheus reads",
    description = "The targets as they are served, and what the server counts of itself, in Prometheus' text format. Only \
                   where `PROMETHEUS_ENABLED` is not `false`.",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain; version=0.0.4"), Refused),
)]
/// `GET /metrics`: the targets as they are served, and what the server counts of itself.
pub(super) async fn scrape(_: NoParameters, context: web::Data<Context>, metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(metrics.scrape(context.snapshots.latest(), context.clock.now()))
}
