//! `/api/events`: what changed, newest first; as JSON, and as a feed for feed readers.

use std::convert::Infallible;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::schema::Event;
use unistatus_core::store::EventQuery;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::current::Current;
use super::filters;
use super::listing::{self, Element};
use super::page::{self, Page};
use super::parameters::{Parameters, instant};
use crate::app::Context;
use crate::error::ApiError;
use crate::openapi::answers::{NoPast, NotModified, Refused};
use crate::openapi::{parameters, schemas};
use crate::query::{EventCursor as Cursor, find_events, in_order};
use crate::records::EventRecord;
use crate::snapshot::Body;
use crate::{atom, json};

const ATOM: HeaderValue = HeaderValue::from_static("application/atom+xml; charset=utf-8");
/// How many changes a feed tells of where nothing is said.
const IN_FEED: u32 = 100;

/// `GET /api/events`.
#[utoipa::path(
    get,
    path = "/api/events",
    operation_id = "listEvents",
    tag = "Past",
    summary = "What changed, newest first",
    description = "Each change of a service's status, first sights and removals included.",
    params(Query),
    responses(
        (status = 200, description = "The changes.", body = schemas::EventList),
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
    let archive = context.archive.clone();
    let read = move |behind: Option<Cursor>, limit| -> listing::Reading<Cursor> {
        let (archive, query) = (archive.clone(), query.clone());
        Box::pin(async move {
            let behind = behind.map(|cursor| cursor.id().ok_or_else(ApiError::bad_cursor)).transpose()?;
            let events =
                find_events(&archive.turn().await?, EventQuery { behind, limit: Some(limit), ..query }).await?;
            Ok(events.iter().map(element).collect())
        })
    };
    listing::answer(&current, &request, listing::named("events"), page, listing::AT_ONCE, Box::new(read)).await
}

/// `GET /api/events.atom`.
#[utoipa::path(
    get,
    path = "/api/events.atom",
    operation_id = "getEventFeed",
    tag = "Past",
    summary = "What changed, as a feed for feed readers",
    description = "The newest changes as Atom (RFC 4287); a hundred where no limit is given.",
    params(FeedQuery),
    responses(
        (status = 200, description = "The feed.", body = String, content_type = "application/atom+xml; charset=utf-8"),
        NotModified,
        Refused,
        NoPast,
    ),
)]
pub(super) async fn feed(
    request: HttpRequest,
    current: Current,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let query = take_query(&mut parameters)?;
    let limit = page::take_limit(&mut parameters)?.unwrap_or(IN_FEED);
    parameters.finish()?;
    let events = find_events(&context.archive.turn().await?, EventQuery { limit: Some(limit), ..query }).await?;
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let base = context.public_url.clone().unwrap_or_else(|| asked_at(&request));
    let feed = atom::feed(&events, &base, path);
    current.answer_as(ATOM, &request, &Body::made(feed.into())).await
}

/// What may be asked of changes.
enum Query {}

impl IntoParams for Query {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [conditions_documented(), page::documented()].concat()
    }
}

/// What may be asked of the feed, which has no pages.
enum FeedQuery {}

impl IntoParams for FeedQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [conditions_documented(), vec![page::limit("How many changes; a hundred where it is not given.")]].concat()
    }
}

/// The conditions that both take, documented.
fn conditions_documented() -> Vec<Parameter> {
    vec![
        parameters::texts("target", "Changes of these targets, those that are gone included.", &["github", "aws"]),
        parameters::text("service", "Changes of the service of this name.", "GitHub"),
        filters::status_documented("Changes to these statuses."),
        parameters::instant("from", "Changes that we saw at this instant or later."),
        parameters::instant("to", "Changes that we saw before this instant."),
    ]
}

/// The conditions that both take.
fn take_query(parameters: &mut Parameters) -> Result<EventQuery, ApiError> {
    let text = |value: &str| Ok::<_, Infallible>(value.to_owned());
    let query = EventQuery {
        targets: parameters.all("target", text)?,
        service: parameters.one("service", text)?,
        to: parameters.all("status", str::parse)?,
        from: parameters.one("from", instant)?,
        until: parameters.one("to", instant)?,
        behind: None,
        limit: None,
    };
    in_order(query.from, query.until)?;
    Ok(query)
}

fn element(event: &Event) -> Element<Cursor> {
    Element { json: json::to_vec(&EventRecord::from(event)), cursor: Cursor::of(event) }
}

/// The address that this server was asked at.
fn asked_at(request: &HttpRequest) -> String {
    // What a proxy says in headers of its own is not believed: everybody could say it.
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}
