//! `/api/status`: how everything is now.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::current::{Current, List};
use super::page::{Page, cut};
use super::parameters::Parameters;
use super::{filters, path};
use crate::contract::{Row, ServiceFields, TargetFields, TargetList};
use crate::error::ApiError;
use crate::json;
use crate::select::{RowPlace, RowSelection, Selected, Selection};
use crate::snapshot::{Snapshot, TargetView};

/// `GET /api/status`: all targets with their services, or those that are asked for.
pub(super) async fn all(current: Current, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let snapshot = current.snapshot();
    if request.query_string().is_empty() {
        return current.answer(&request, snapshot.status()).await;
    }
    let mut parameters = Parameters::read(request.query_string())?;
    let query = TargetsQuery::take(&mut parameters, snapshot)?;
    parameters.finish()?;
    let snapshot = Arc::clone(snapshot);
    current.answer_list(&request, move || query.list(&snapshot)).await
}

/// `GET /api/status/{target}`: the services of one target, a row each.
pub(super) async fn of_target(current: Current, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let query = RowsQuery::read(&request)?;
    let target = current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?;
    match query {
        None => current.answer(&request, target.rows()).await,
        Some(query) => {
            let target = Arc::clone(target);
            current.answer_list(&request, move || query.list(&target, None)).await
        }
    }
}

/// `GET /api/status/{target}/{service}`: the services of that name, a row each.
pub(super) async fn of_service(current: Current, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    let query = RowsQuery::read(&request)?;
    let target = current.snapshot().target(&target).ok_or(ApiError::TargetNotFound)?;
    match query {
        None => {
            let rows = target.rows_named(&service).ok_or(ApiError::ServiceNotFound)?;
            current.answer(&request, &rows).await
        }
        Some(query) => {
            let named = target.positions_named(&service);
            if named.is_empty() {
                return Err(ApiError::ServiceNotFound);
            }
            let target = Arc::clone(target);
            current.answer_list(&request, move || query.list(&target, Some(&named))).await
        }
    }
}

/// What is asked of all targets.
struct TargetsQuery {
    selection: Selection,
    fields: TargetFields,
    /// The cursor is the last target's name.
    page: Page<String>,
}

impl TargetsQuery {
    /// Takes the parameters. Names are those of the snapshot.
    fn take(parameters: &mut Parameters, snapshot: &Snapshot) -> Result<Self, ApiError> {
        let statuses = filters::statuses(parameters)?;
        let targets = filters::targets(parameters, snapshot)?;
        let q = filters::needle(parameters)?;
        let services = filters::services(parameters, statuses);
        let fields = filters::target_fields(parameters)?;
        let page = Page::take(parameters)?;
        Ok(Self { selection: Selection { targets, services, q }, fields, page })
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

impl RowsQuery {
    /// Reads the query; `None` where there is none.
    fn read(request: &HttpRequest) -> Result<Option<Self>, ApiError> {
        if request.query_string().is_empty() {
            return Ok(None);
        }
        let mut parameters = Parameters::read(request.query_string())?;
        let statuses = filters::statuses(&mut parameters)?;
        let q = filters::needle(&mut parameters)?;
        let services = filters::services(&mut parameters, statuses);
        let fields = filters::service_fields(&mut parameters)?;
        let page = Page::take(&mut parameters)?;
        parameters.finish()?;
        Ok(Some(Self { selection: RowSelection { services, q }, fields, page }))
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
