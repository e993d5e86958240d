//! `/api/incidents`: what the sources say went wrong or is planned, newest first.

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use unistatus_core::schema::{IncidentKind, Timestamp};
use unistatus_core::store::{IncidentId, IncidentQuery, TargetIncident};
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
            let behind = behind.map(Cursor::id).transpose()?;
            let query = IncidentQuery { behind, limit: Some(limit), ..query };
            let found = archive.ask(|store| {
                let query = query.clone();
                async move { store.find_incidents(&query).await }
            });
            Ok(found.await?.iter().map(|found| element(found, &snapshot)).collect())
        })
    };
    listing::answer(&current, &request, "incidents", page, Box::new(read)).await
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
    let target = snapshot.target(&found.target);
    let name_of = |key: &str| target.and_then(|target| target.name_of(key));
    let record = IncidentRecord::new(&found.target, &found.incident, name_of);
    let IncidentId { started_at, target, key } = found.id();
    Element { json: json::to_vec(&record), cursor: Cursor(started_at.map(Timestamp::as_millis), target, key) }
}

/// The place of an incident: when it began, target, key.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor(Option<i64>, String, String);

impl Cursor {
    fn id(self) -> Result<IncidentId, ApiError> {
        let Self(started_at, target, key) = self;
        let instant = |millis| Timestamp::from_millis(millis).ok_or_else(ApiError::bad_cursor);
        Ok(IncidentId { started_at: started_at.map(instant).transpose()?, target, key })
    }
}
