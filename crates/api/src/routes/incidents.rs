//! `/api/incidents`: what the sources say went wrong or is planned, newest first.

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::schema::IncidentKind;
use unistatus_core::store::{IncidentQuery, TargetIncident};

use super::current::Current;
use super::listing::{self, Element};
use super::page::Page;
use super::parameters::{Parameters, in_order, instant, word};
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::query::{IncidentCursor as Cursor, find_incidents, name_of};
use crate::records::IncidentRecord;
use crate::snapshot::Snapshot;

/// `GET /api/incidents`.
pub(super) async fn list(
    request: HttpRequest,
    current: Current,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let query = take_query(&mut parameters)?;
    let page = Page::<Cursor>::take(&mut parameters)?;
    parameters.finish()?;
    let (archive, snapshot) = (context.archive.clone(), Arc::clone(current.snapshot()));
    let read = move |behind: Option<Cursor>, limit| -> listing::Reading<Cursor> {
        let (archive, snapshot, query) = (archive.clone(), snapshot.clone(), query.clone());
        Box::pin(async move {
            let behind = behind.map(|cursor| cursor.id().ok_or_else(ApiError::bad_cursor)).transpose()?;
            let found = find_incidents(&archive, IncidentQuery { behind, limit: Some(limit), ..query }).await?;
            Ok(found.iter().map(|found| element(found, &snapshot)).collect())
        })
    };
    listing::answer(&current, &request, "incidents", page, Box::new(read)).await
}

fn take_query(parameters: &mut Parameters) -> Result<IncidentQuery, ApiError> {
    let kinds = [("incident", IncidentKind::Incident), ("maintenance", IncidentKind::Maintenance)];
    let states = [("open", true), ("closed", false)];
    let query = IncidentQuery {
        targets: parameters.all("target", |name| Ok::<_, Infallible>(name.to_owned()))?,
        kind: parameters.one("kind", |value| word(value, &kinds))?,
        open: parameters.one("state", |value| word(value, &states))?,
        from: parameters.one("from", instant)?,
        until: parameters.one("to", instant)?,
        behind: None,
        limit: None,
    };
    in_order(query.from, query.until)?;
    Ok(query)
}

fn element(found: &TargetIncident, snapshot: &Snapshot) -> Element<Cursor> {
    let record = IncidentRecord::new(&found.target, &found.incident, name_of(snapshot, &found.target));
    Element { json: json::to_vec(&record), cursor: Cursor::of(found) }
}
