//! `/api/reports`, and the same at `/reports`: listings of items that were kept, each as Rollbar told it then.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{ByAge, Report, ReportSummary, Store};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::items::{self, ItemsQuery};
use super::page::{self, Page, Paging, cut};
use super::parameters::NoParameters;
use super::{path, private, reading, resource};
use crate::app::Context;
use crate::auth::{CHANGE, Member, Writer};
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoReport, NoRollbar, NoStore, Refused};
use crate::openapi::{parameters, schemas};

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    for [all, one] in [["/api/reports", "/api/reports/{id}"], ["/reports", "/reports/{id}"]] {
        let all = resource(all, "GET, HEAD, POST, DELETE")
            .route(reading().to(list))
            .route(web::post().to(keep))
            .route(web::delete().to(remove_all));
        let one = resource(one, "GET, HEAD, DELETE").route(reading().to(show)).route(web::delete().to(remove));
        config.service(all).service(one);
    }
}

/// A report as it is told, without what it holds.
#[derive(Serialize, ToSchema)]
#[schema(as = Report, example = json!({
    "id": "6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10",
    "created": "2026-05-04T12:00:00.500Z",
    "query": "status=active&level=critical",
    "bytes": 2048,
}))]
struct Told {
    /// Its id: a UUID.
    id: String,
    /// When it was kept.
    #[schema(value_type = schemas::Timestamp)]
    created: Timestamp,
    /// What was asked of the items, as a query.
    query: String,
    /// How long what it holds is.
    bytes: u64,
}

impl From<ReportSummary> for Told {
    fn from(ReportSummary { id, created_at, query, size }: ReportSummary) -> Self {
        Self { id, created: created_at, query, bytes: size }
    }
}

/// The body of `GET /api/reports`.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportList)]
struct Reports {
    /// The reports.
    reports: Vec<Told>,
}

/// The answer to `DELETE /api/reports`.
#[derive(Serialize, ToSchema)]
#[schema(as = RemovedReports, example = json!({"removed": 3}))]
struct Removed {
    /// How many there were.
    removed: u64,
}

/// `{id}`.
enum ReportId {}

impl IntoParams for ReportId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10";
        vec![parameters::segment("id", "The id of a report, as `/api/reports` lists it.", example)]
    }
}

/// `GET /api/reports`.
#[utoipa::path(
    get,
    path = "/api/reports",
    operation_id = "listReports",
    tag = "Items",
    summary = "The listings that were kept",
    description = "Newest first, without what they hold. Takes the scope `read`. The same at `/reports`.",
    params(Paging),
    responses((status = 200, description = "The reports.", body = Reports), Refused, NoStore),
)]
pub(super) async fn list(
    _: Member,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page: Page<(i64, String)> = page::alone(&request)?;
    let place = |(at, id)| Timestamp::from_millis(at).map(|created_at| ByAge { created_at, id });
    let behind = page.behind.map(|cursor| place(cursor).ok_or_else(ApiError::bad_cursor)).transpose()?;
    let behind = behind.as_ref();
    // One more, to know whether any follows.
    let most = page.limit.map(|limit| limit.saturating_add(1));
    let find = |store: Arc<dyn Store>| async move { store.reports(behind, most).await };
    let (reports, has_more) = cut(context.archive.turn().await?.ask(find).await?, page.limit);
    let next = reports.last().filter(|_| has_more).map(|last| (last.created_at.as_millis(), last.id.clone()));
    let reports = Reports { reports: reports.into_iter().map(Told::from).collect() };
    private::page(&request, &reports, next.as_ref())
}

/// `POST /api/reports`.
#[utoipa::path(
    post,
    path = "/api/reports",
    operation_id = "createReport",
    tag = "Items",
    summary = "Keep a listing of the items",
    description = "As `GET /api/items` lists them with the same query now, byte for byte as Rollbar tells them. Takes the scope \
                   `write`. The same at `/reports`.",
    params(ItemsQuery),
    responses(
        (
            status = 201,
            description = "The listing was kept.",
            body = Told,
            headers(("Location" = String, description = "Where it is.")),
        ),
        Refused,
        NoRollbar,
        NoStore,
    ),
)]
pub(super) async fn keep(
    Writer(who): Writer,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = items::asked(&request)?;
    let listing = context.items.list(&filter, &page).await?;
    let body = json::to_vec(&listing);
    if body.len() > Report::MAX_BODY {
        let most = Report::MAX_BODY / (1024 * 1024);
        let fault = format!("The listing has more than {most} MiB: ask for fewer items, with a limit or a filter.");
        return Err(ApiError::BadRequest(fault));
    }
    let (id, query) = (access::new_id()?, request.query_string().to_owned());
    let report = Report { id, created_at: context.clock.now(), query, body: body.into() };
    let kept = &report;
    context.archive.once(CHANGE, |store| async move { store.add_report(kept).await }).await?;
    tracing::info!(by = who.name, id = report.id, "a listing was kept as a report");
    private::created(&format!("/api/reports/{}", report.id), &Told::from(report.summary()))
}

/// `DELETE /api/reports`.
#[utoipa::path(
    delete,
    path = "/api/reports",
    operation_id = "removeReports",
    tag = "Items",
    summary = "Remove all reports",
    description = "Takes the scope `write`. The same at `/reports`.",
    responses((status = 200, description = "They are gone.", body = Removed), Refused, NoStore),
)]
pub(super) async fn remove_all(
    Writer(who): Writer,
    _: NoParameters,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let removed = context.archive.once(CHANGE, |store| async move { store.remove_reports().await }).await?;
    tracing::info!(by = who.name, removed, "all reports were removed");
    Ok(private::value(StatusCode::OK, &Removed { removed }))
}

/// `GET /api/reports/{id}`.
#[utoipa::path(
    get,
    path = "/api/reports/{id}",
    operation_id = "getReport",
    tag = "Items",
    summary = "A listing that was kept",
    description = "What `GET /api/items` answered then, byte for byte. Takes the scope `read`. The same at `/reports/{id}`.",
    params(ReportId),
    responses(
        (status = 200, description = "The listing.", body = schemas::ItemList),
        Refused,
        NoReport,
        NoStore,
    ),
)]
pub(super) async fn show(
    _: Member,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let id = &path::parameter(&request, "id")?;
    let find = |store: Arc<dyn Store>| async move { store.report(id).await };
    let report = context.archive.turn().await?.ask(find).await?.ok_or(ApiError::ReportNotFound)?;
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.body(report.body))
}

/// `DELETE /api/reports/{id}`.
#[utoipa::path(
    delete,
    path = "/api/reports/{id}",
    operation_id = "removeReport",
    tag = "Items",
    summary = "Remove a report",
    description = "Takes the scope `write`. The same at `/reports/{id}`.",
    params(ReportId),
    responses((status = 204, description = "It is gone."), Refused, NoReport, NoStore),
)]
pub(super) async fn remove(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let id = &path::parameter(&request, "id")?;
    let is_removed = context.archive.once(CHANGE, |store| async move { store.remove_report(id).await }).await?;
    if !is_removed {
        return Err(ApiError::ReportNotFound);
    }
    tracing::info!(by = who.name, id, "a report was removed");
    Ok(private::done().finish())
}
