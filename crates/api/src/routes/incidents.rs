//! `/api/incidents`: what the sources say went wrong or is planned, newest first.

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::schema::IncidentKind;
use unistatus_core::store::{IncidentQuery, TargetIncident};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::current::Current;
use super::listing::{self, Element};
use super::page::{self, Page};
use super::parameters::{Parameters, in_order, instant, word};
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoPast, NotModified, Refused};
use crate::openapi::{parameters, schemas};
use crate::query::{IncidentCursor as Cursor, find_incidents, name_of};
use crate::records::IncidentRecord;
use crate::snapshot::Snapshot;

/// The words of `kind`.
const KINDS: [(&str, IncidentKind); 2] =
    [("incident", IncidentKind::Incident), ("maintenance", IncidentKind::Maintenance)];
/// The words of `state`: whether an incident is open.
const STATES: [(&str, bool); 2] = [("open", true), ("closed", false)];

/// `GET /api/incidents`.
#[utoipa::path(
    get,
    path = "/api/incidents",
    operation_id = "listIncidents",
    tag = "Past",
    summary = "What the sources say went wrong or is planned, newest first",
    description = "Open and past ones, with their updates and the services they concern.",
    params(Query),
    responses(
        (status = 200, description = "The incidents and maintenances.", body = schemas::IncidentList),
        NotModified,
        Refused,
        NoPast,
    ),
)]
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
            let found =
                find_incidents(&archive.turn().await?, IncidentQuery { behind, limit: Some(limit), ..query }).await?;
            Ok(found.iter().map(|found| element(found, &snapshot)).collect())
        })
    };
    listing::answer(&current, &request, listing::named("incidents"), page, listing::AT_ONCE, Box::new(read)).await
}

/// What may be asked of incidents.
enum Query {}

impl IntoParams for Query {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let own = vec![
            parameters::texts("target", "Those of these targets, those that are gone included.", &["github", "aws"]),
            parameters::word("kind", "Unplanned or planned ones.", KINDS.map(|(word, _)| word), None),
            parameters::word(
                "state",
                "Open ones, which lie ahead or go on, or closed ones.",
                STATES.map(|(word, _)| word),
                None,
            ),
            parameters::instant("from", "Those that had not ended at this instant."),
            parameters::instant("to", "Those that had begun before this instant."),
        ];
        [own, page::documented()].concat()
    }
}

fn take_query(parameters: &mut Parameters) -> Result<IncidentQuery, ApiError> {
    let query = IncidentQuery {
        targets: parameters.all("target", |name| Ok::<_, Infallible>(name.to_owned()))?,
        kind: parameters.one("kind", |value| word(value, &KINDS))?,
        open: parameters.one("state", |value| word(value, &STATES))?,
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
