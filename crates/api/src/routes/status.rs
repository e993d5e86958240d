//! `/api/status`: how everything is now.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::current::{Current, List};
use super::page::{self, Page, cut};
use super::parameters::Parameters;
use super::{at, filters, path};
use crate::app::Context;
use crate::contract::{Property, Row, ServiceFields, TargetFields, TargetList};
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoPast, NoService, NoTarget, NotModified, Refused};
use crate::select::{RowPlace, RowSelection, Selected, Selection};
use crate::snapshot::{Snapshot, TargetView};

/// `GET /api/status`: all targets with their services, or those that are asked for.
#[utoipa::path(
    get,
    path = "/api/status",
    operation_id = "listStatus",
    tag = "Status",
    summary = "All targets with their services",
    description = "All of them, or those that are asked for: several values of one parameter mean any of them, \
                   several parameters mean all of them. A target of which no service passes is left out.",
    params(TargetsQuery),
    responses(
        (status = 200, description = "The targets, ordered by name.", body = TargetList),
        NotModified,
        Refused,
        NoPast,
    ),
)]
pub(super) async fn all(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    if request.query_string().is_empty() {
        return current.answer(&request, current.snapshot().status()).await;
    }
    let mut parameters = Parameters::read(request.query_string())?;
    let (snapshot, _turn) = at::snapshot(&mut parameters, &current, &context, None).await?;
    let query = TargetsQuery::take(&mut parameters, &[&snapshot, current.snapshot()])?;
    parameters.finish()?;
    current.answer_list(&request, move || query.list(&snapshot)).await
}

/// `GET /api/status/{target}`: the services of one target, a row each.
#[utoipa::path(
    get,
    path = "/api/status/{target}",
    operation_id = "getTargetStatus",
    tag = "Status",
    summary = "The services of one target",
    description = "A row for each, in the order of their source.",
    params(path::TargetName, RowsQuery),
    responses(
        (status = 200, description = "The rows.", body = Vec<Row>),
        NotModified,
        Refused,
        NoTarget,
        NoPast,
    ),
)]
pub(super) async fn of_target(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    if request.query_string().is_empty() {
        return current.answer(&request, find(current.snapshot(), &name)?.rows()).await;
    }
    let mut parameters = Parameters::read(request.query_string())?;
    let (snapshot, _turn) = at::snapshot(&mut parameters, &current, &context, Some(&name)).await?;
    let query = RowsQuery::take(&mut parameters)?;
    parameters.finish()?;
    let target = Arc::clone(find(&snapshot, &name)?);
    current.answer_list(&request, move || query.list(&target, None)).await
}

/// `GET /api/status/{target}/{service}`: the services of that name, a row each.
#[utoipa::path(
    get,
    path = "/api/status/{target}/{service}",
    operation_id = "getServiceStatus",
    tag = "Status",
    summary = "The services of one name",
    description = "A row for each: a name may repeat inside a target.",
    params(path::ServiceName, RowsQuery),
    responses(
        (status = 200, description = "The rows.", body = Vec<Row>),
        NotModified,
        Refused,
        NoService,
        NoPast,
    ),
)]
pub(super) async fn of_service(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    if request.query_string().is_empty() {
        let rows = find(current.snapshot(), &name)?.rows_named(&service).ok_or(ApiError::ServiceNotFound)?;
        return current.answer(&request, &rows).await;
    }
    let mut parameters = Parameters::read(request.query_string())?;
    let (snapshot, _turn) = at::snapshot(&mut parameters, &current, &context, Some(&name)).await?;
    let query = RowsQuery::take(&mut parameters)?;
    parameters.finish()?;
    let target = Arc::clone(find(&snapshot, &name)?);
    let named = target.positions_named(&service);
    if named.is_empty() {
        return Err(ApiError::ServiceNotFound);
    }
    current.answer_list(&request, move || query.list(&target, Some(&named))).await
}

fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Result<&'a Arc<TargetView>, ApiError> {
    snapshot.target(name).ok_or(ApiError::TargetNotFound)
}

/// What is asked of all targets.
struct TargetsQuery {
    selection: Selection,
    fields: TargetFields,
    /// The cursor is the last target's name.
    page: Page<String>,
}

impl IntoParams for TargetsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let q = "Targets whose name or title has this text, with all their services, and services whose name has it; \
                 without regard to case.";
        let own = vec![filters::needle_documented(q), filters::fields_documented(&Property::OF_TARGETS)];
        let filters = [filters::targets_documented(), filters::services_documented(), own];
        [at::documented(), filters.concat(), page::documented()].concat()
    }
}

impl TargetsQuery {
    /// Takes the parameters. Names are those of any of the snapshots.
    fn take(parameters: &mut Parameters, snapshots: &[&Snapshot]) -> Result<Self, ApiError> {
        Ok(Self {
            selection: Selection {
                targets: filters::targets(parameters, snapshots)?,
                services: filters::services(parameters)?,
                q: filters::needle(parameters)?,
            },
            fields: filters::target_fields(parameters)?,
            page: Page::take(parameters)?,
        })
    }

    fn list(&self, snapshot: &Snapshot) -> List<String> {
        let selected = self.selection.targets(snapshot, self.page.behind.as_deref());
        let (selected, has_more) = cut(self.page.one_more(selected), self.page.limit);
        let next = selected.last().filter(|_| has_more).map(|last: &Selected<'_>| last.target.name().to_owned());
        let targets = selected.iter().map(|selected| selected.entry(self.fields)).collect();
        List { bytes: json::to_vec(&TargetList { targets }), next }
    }
}

/// What is asked of the services of one target.
struct RowsQuery {
    selection: RowSelection,
    fields: ServiceFields,
    page: Page<RowPlace>,
}

impl IntoParams for RowsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let q = "Services whose name has this text, without regard to case.";
        let own = vec![filters::needle_documented(q), filters::fields_documented(&Property::OF_SERVICES)];
        [at::documented(), filters::services_documented(), own, page::documented()].concat()
    }
}

impl RowsQuery {
    fn take(parameters: &mut Parameters) -> Result<Self, ApiError> {
        Ok(Self {
            selection: RowSelection { services: filters::services(parameters)?, q: filters::needle(parameters)? },
            fields: filters::service_fields(parameters)?,
            page: Page::take(parameters)?,
        })
    }

    /// `named` are the positions of the services that the path names, if it does.
    fn list(&self, target: &TargetView, named: Option<&[usize]>) -> List<RowPlace> {
        let rows = self.selection.rows(target, named, self.page.behind.as_ref());
        let (rows, has_more) = cut(self.page.one_more(rows), self.page.limit);
        let next = rows.last().filter(|_| has_more).map(|(place, _)| place.clone());
        let rows: Vec<Row<'_>> =
            rows.iter().map(|&(_, service)| Row::new(target.name(), service, self.fields)).collect();
        List { bytes: json::to_vec(&rows), next }
    }
}
