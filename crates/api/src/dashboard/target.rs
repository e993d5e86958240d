//! `/targets/{target}`: one target, its services and their last ninety days.

use std::cmp::Reverse;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::schema::{Incident, Timestamp};

use super::collection::Asking;
use super::form::Fields;
use super::frame::{Frame, Here};
use super::incident::IncidentView;
use super::look::Look;
use super::markup::Markup;
use super::measured::{Measured, MeasuredView, Probe, Range};
use super::past::Past;
use super::patience::Patience;
use super::rows::{ServiceRow, shown_name};
use super::viewer::Viewer;
use super::{answer, category, link, templates};
use crate::app::Context;
use crate::auth::Visitor;
use crate::contract::Served;
use crate::error::ApiError;
use crate::query::apart;
use crate::routes::current::Current;
use crate::routes::parameters::Parameters;
use crate::routes::{filters, path};
use crate::select::RowSelection;
use crate::servers::is_of_a_server;
use crate::snapshot::{Body, TargetView};

/// How many services, or servers, a page shows.
pub(super) const ROWS: usize = 50;
/// So many can be searched.
pub(super) const MANY: usize = 12;

/// `GET /targets/{target}`.
pub(super) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let current = Current::of(&context)?;
    let target = Arc::clone(current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?);
    let query = Query::read(request.query_string(), target.state().kind.is_probe())?;
    let patience = Patience::begin(&current);
    let now = current.now();
    let measured = patience.wait(measured(&context, &target, query.range, now)).await;
    let past = Past::read(&context, &patience, now, &name, None).await;
    let viewer = Viewer::of(&request, &context, visitor).await?;
    let frame = Frame::live(title(&target), Here::Elsewhere, viewer.clone(), &current, Some(&name));
    let html = apart(move || {
        let page = TargetPage::new(frame, &target, &query, &measured, past.as_ref(), now);
        templates::render("target.html", &page)
    });
    let body = Body::made(html.await??.into());
    answer::page(&current, &request, &viewer, &body).await
}

/// What a target measured, if it is one that does.
async fn measured(
    context: &Context,
    target: &TargetView,
    range: Range,
    now: Timestamp,
) -> Result<Option<Measured>, ApiError> {
    let state = target.state();
    if !state.kind.is_probe() {
        return Ok(None);
    }
    let probe = Probe { id: state.probe(), every: state.health.interval() };
    Measured::read(&context.archive, &probe, range, now).await.map(Some)
}

/// What people call a target.
pub(super) fn title(target: &TargetView) -> String {
    shown_name(target.state().about.title.as_deref().unwrap_or(target.name()))
}

/// The page that shows a target: a server has one of its own.
pub(super) fn page(target: &TargetView) -> Option<Markup> {
    let resource = if is_of_a_server(target) { "/servers" } else { "/targets" };
    link::of_target(resource, target.name())
}

/// The page that shows the services of one name.
pub(super) fn page_of(target: &TargetView, service: &str) -> Option<Markup> {
    if is_of_a_server(target) { page(target) } else { link::of_service("/targets", target.name(), service) }
}

/// What is asked of the services, and of what was measured.
struct Query {
    fields: Fields,
    range: Range,
    selection: RowSelection,
    /// The number of the page, from 1 on.
    page: usize,
}

impl Query {
    fn read(query: &str, is_probe: bool) -> Result<Self, ApiError> {
        let mut fields = Fields::read(query);
        let mut parameters = Parameters::read(&fields.query())?;
        let selection =
            RowSelection { services: filters::services(&mut parameters)?, q: filters::needle(&mut parameters)? };
        let page = parameters.one("page", page_number)?.unwrap_or(1);
        let range = if is_probe { parameters.one("range", Range::read)? } else { None };
        parameters.finish()?;
        fields.take("page");
        fields.take("range");
        Ok(Self { fields, range: range.unwrap_or_default(), selection, page })
    }
}

/// Reads the number of a page.
pub(super) fn page_number(value: &str) -> Result<usize, &'static str> {
    value.parse().ok().filter(|&number| number > 0).ok_or("expected is the number of a page")
}

/// The page.
#[derive(Serialize)]
struct TargetPage {
    frame: Frame,
    about: About,
    look: Look,
    asking: Asking,
    /// What was measured; `None` where nothing is, or it is not known.
    measured: Option<MeasuredView>,
    /// Why the past is not shown, if it is not.
    no_past: Option<String>,
    open: Vec<IncidentView>,
    closed: Vec<IncidentView>,
    /// Whether there are so many services that they can be searched.
    is_searched: bool,
    q: String,
    status: String,
    statuses: [&'static str; 4],
    rows: Vec<ServiceRow>,
    pager: Pager,
}

/// What a target is, and where more of it is found.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) title: String,
    pub(super) link: Option<Markup>,
    category: Option<String>,
    in_category: Markup,
    /// The source's page for people.
    homepage: Option<String>,
    json: Option<Markup>,
    badge: Option<Markup>,
    feed: Option<Markup>,
    /// The page of the server that it is, if it is one.
    server: Option<Markup>,
}

impl About {
    /// What a target is.
    pub(super) fn of(target: &TargetView) -> Self {
        let about = &target.state().about;
        let category = about.category.as_deref();
        Self {
            title: title(target),
            link: link::of_target("/targets", target.name()),
            category: category.map(category::title),
            in_category: Markup::link(
                "/",
                &category.map(|category| ("category", category)).into_iter().collect::<Vec<_>>(),
            ),
            homepage: about.homepage.as_deref().and_then(link::elsewhere).map(str::to_owned),
            json: link::of_target("/api/status", target.name()),
            badge: link::of_target("/api/badge", target.name()),
            feed: link::can_be_filter(target.name())
                .then(|| Markup::link("/api/events.atom", &[("target", target.name())])),
            server: page(target).filter(|_| is_of_a_server(target)),
        }
    }
}

/// Which part of a list is shown, and where the others are.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Pager {
    number: usize,
    count: usize,
    /// How many there are in all.
    total: usize,
    previous: Option<Markup>,
    next: Option<Markup>,
}

impl Pager {
    /// The part of a list that has this number, or the last one where there are fewer.
    pub(super) fn cut<T>(all: Vec<T>, number: usize, path: &str, fields: &Fields) -> (Vec<T>, Self) {
        let (total, count) = (all.len(), all.len().div_ceil(ROWS).max(1));
        let number = number.min(count);
        let to = |number: usize| fields.link(path, "page", Some(&number.to_string()));
        let pager = Self {
            number,
            count,
            total,
            previous: (number > 1).then(|| to(number - 1)),
            next: (number < count).then(|| to(number + 1)),
        };
        (all.into_iter().skip((number - 1) * ROWS).take(ROWS).collect(), pager)
    }
}

impl TargetPage {
    fn new(
        frame: Frame,
        target: &TargetView,
        query: &Query,
        measured: &Result<Option<Measured>, String>,
        past: Result<&Past, &String>,
        now: Timestamp,
    ) -> Self {
        let mut services: Vec<Served<'_>> =
            query.selection.rows(target, None, None).map(|(_, service)| service).collect();
        // The sort is stable: among equals the source's order holds.
        services.sort_by_key(|service| Reverse(Look::of(service)));
        let about = About::of(target);
        let path = format!("/targets/{}", link::segment(target.name()));
        let (services, pager) = Pager::cut(services, query.page, &path, &query.fields);
        let known = past.ok();
        let rows = services.iter().map(|service| ServiceRow::of(target.name(), service, known, now)).collect();
        let views = |incidents: &[Incident]| -> Vec<IncidentView> {
            incidents.iter().map(|incident| IncidentView::of(target, incident, now)).collect()
        };
        Self {
            frame,
            about,
            look: Look::worst(target.services()),
            asking: Asking::of(target, now),
            measured: measured
                .as_ref()
                .ok()
                .and_then(Option::as_ref)
                .map(|measured| MeasuredView::of(measured, &path, &query.fields)),
            no_past: past.err().or(measured.as_ref().err()).cloned(),
            open: known.map(|past| views(&past.open)).unwrap_or_default(),
            closed: known.map(|past| views(&past.closed)).unwrap_or_default(),
            is_searched: target.state().services.len() >= MANY || !query.fields.is_empty(),
            q: query.fields.value("q").to_owned(),
            status: query.fields.value("status").to_owned(),
            statuses: ["OK", "Unknown", "Degraded", "Outage"],
            rows,
            pager,
        }
    }
}
