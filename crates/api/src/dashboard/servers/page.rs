//! `/servers/{name}`: one of the team's own servers, its pings and its past.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access::Scope;
use unistatus_core::schema::{Incident, Timestamp};

use super::wish::{Refusal, Wish};
use super::{Known, LIST, path_of};
use crate::app::Context;
use crate::auth::{Identity, Visitor};
use crate::dashboard::collection::Asking;
use crate::dashboard::form::Fields;
use crate::dashboard::frame::{Frame, Here};
use crate::dashboard::incident::IncidentView;
use crate::dashboard::look::Look;
use crate::dashboard::markup::Markup;
use crate::dashboard::measured::{LastCheck, Measured, MeasuredView, Probe, Range};
use crate::dashboard::moment::Moment;
use crate::dashboard::past::Past;
use crate::dashboard::patience::Patience;
use crate::dashboard::posted::{self, Posted};
use crate::dashboard::rows::{ServiceRow, shown_name};
use crate::dashboard::viewer::Viewer;
use crate::dashboard::{answer, link, templates};
use crate::error::ApiError;
use crate::query::apart;
use crate::routes::current::Current;
use crate::routes::parameters::Parameters;
use crate::routes::path;
use crate::servers;
use crate::snapshot::Body;

/// `GET /servers/{name}`.
pub(in crate::dashboard) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "name")?;
    let query = Query::read(request.query_string())?;
    let current = Current::of(&context)?;
    let patience = Patience::begin(&current);
    let Some(server) = find(&context, &current, &patience, &name).await? else { return Ok(elsewhere(&name)) };
    let viewer = Viewer::of(&request, &context, visitor).await?;
    let frame = Frame::live(shown_name(&name), Here::Servers, viewer.clone(), &current, Some(&name));
    let page = ServerPage::read(&context, &patience, frame, server, query, current.now()).await?;
    let html = apart(move || templates::render("server.html", &page)).await??;
    answer::page(&current, &request, &viewer, &Body::made(html.into())).await
}

/// `POST /servers/{name}/address`: gives it another one.
pub(in crate::dashboard) async fn change(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "name")?;
    let Posted { who, fields } = Posted::read(visitor, Scope::Write, (&request, payload), &context).await?;
    let address = Wish::of(&fields).address;
    let outcome = context.servers.change(&who, &context.archive, (&name, &address)).await;
    match Refusal::of(outcome)? {
        None => Ok(posted::done(&path_of(&name))),
        Some(refusal) => told(refusal, Some(address), (&request, &context), who, &name).await,
    }
}

/// `POST /servers/{name}/remove`: removes it with its pings.
pub(in crate::dashboard) async fn remove(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "name")?;
    let Posted { who, .. } = Posted::read(visitor, Scope::Write, (&request, payload), &context).await?;
    let outcome = context.servers.remove(&who, &context.archive, &name).await;
    match Refusal::of(outcome)? {
        None => Ok(posted::done(LIST)),
        Some(refusal) => told(refusal, None, (&request, &context), who, &name).await,
    }
}

/// Shows the page with why something was not done, and with the address that was typed, if one was. It stands still, as
/// nothing can be asked for where its form was sent to.
async fn told(
    Refusal { status, why }: Refusal,
    typed: Option<String>,
    (request, context): (&HttpRequest, &Context),
    who: Identity,
    name: &str,
) -> Result<HttpResponse, ApiError> {
    let current = Current::of(context)?;
    let patience = Patience::begin(&current);
    let server = find(context, &current, &patience, name).await?.ok_or(ApiError::TargetNotFound)?;
    let viewer = Viewer::of(request, context, Visitor(Some(who))).await?;
    let frame = Frame::new(shown_name(name), Here::Servers, viewer);
    let mut page = ServerPage::read(context, &patience, frame, server, Query::default(), current.now()).await?;
    page.problem = Some(why);
    page.typed = typed;
    answer::refused(status, "server.html", &page)
}

/// The server of this name; `None` where the target of this name is no server.
async fn find(
    context: &Context,
    current: &Current,
    patience: &Patience,
    name: &str,
) -> Result<Option<Known>, ApiError> {
    let target = current.snapshot().target(name);
    match patience.wait(servers::named(&context.archive, name)).await {
        Ok(Some(server)) => Ok(Some(Known::of(server, current.snapshot()))),
        Ok(None) if target.is_some() => Ok(None),
        Ok(None) => Err(ApiError::TargetNotFound),
        Err(_) => target.and_then(Known::of_target).map(Some).ok_or(ApiError::StoreUnavailable),
    }
}

/// Leads on to the page of a target that is no server: one of the operator's, or one whose server was just removed.
fn elsewhere(name: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/targets/{}", link::segment(name)))).finish()
}

/// What is asked of the pings.
#[derive(Default)]
struct Query {
    fields: Fields,
    range: Range,
}

impl Query {
    fn read(query: &str) -> Result<Self, ApiError> {
        let fields = Fields::read(query);
        let mut parameters = Parameters::read(&fields.query())?;
        let range = parameters.one("range", Range::read)?.unwrap_or_default();
        parameters.finish().map(|()| Self { fields, range })
    }
}

/// The page.
#[derive(Serialize)]
struct ServerPage {
    frame: Frame,
    name: String,
    look: Look,
    state: &'static str,
    reason: Option<String>,
    address: String,
    /// `None` where only the database knows and does not answer.
    added: Option<Moment>,
    /// What was measured last.
    last: Option<LastCheck>,
    /// How the asking goes; `None` before the first ping.
    asking: Option<Asking>,
    /// Its page as a target, and what programs are told of it.
    links: Links,
    /// Why what was wished was not done.
    problem: Option<String>,
    /// The address that was typed, where it was not taken.
    typed: Option<String>,
    /// Its own path, below which its forms are sent to.
    path: Markup,
    /// Why the past is not shown, if it is not.
    no_past: Option<String>,
    measured: Option<MeasuredView>,
    open: Vec<IncidentView>,
    closed: Vec<IncidentView>,
    rows: Vec<ServiceRow>,
}

/// Where more of a server is found.
#[derive(Serialize)]
struct Links {
    /// `None` before the first ping.
    target: Option<Markup>,
    pings: Option<Markup>,
    feed: Option<Markup>,
}

impl ServerPage {
    /// The page as it is now.
    async fn read(
        context: &Context,
        patience: &Patience,
        frame: Frame,
        server: Known,
        query: Query,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let probe = Probe { id: server.probe(), every: server.every() };
        let measured = patience.wait(Measured::read(&context.archive, &probe, query.range, now)).await;
        let past = match &server.target {
            Some(target) => Some(Past::read(context, patience, now, target.name(), None).await),
            None => None,
        };
        apart(move || Self::new(frame, &server, &query.fields, &measured, past.as_ref(), now)).await
    }

    fn new(
        frame: Frame,
        server: &Known,
        fields: &Fields,
        measured: &Result<Measured, String>,
        past: Option<&Result<Past, String>>,
        now: Timestamp,
    ) -> Self {
        let target = server.target.as_ref();
        let known = past.and_then(|past| past.as_ref().ok());
        let views = |incidents: fn(&Past) -> &[Incident]| -> Vec<IncidentView> {
            let told = target.zip(known).map(|(target, past)| {
                incidents(past).iter().map(|incident| IncidentView::of(target, incident, now)).collect()
            });
            told.unwrap_or_default()
        };
        let rows = target.map(|target| {
            target.services().map(|service| ServiceRow::of(target.name(), &service, known, now)).collect()
        });
        let path = path_of(&server.name);
        let measured_why = measured.as_ref().err();
        let measured = measured.as_ref().ok();
        Self {
            frame,
            name: shown_name(&server.name),
            look: server.look(),
            state: server.state(),
            reason: server.reason(),
            address: server.address.clone(),
            added: server.added_at.map(|at| Moment::of(at, now)),
            last: measured.and_then(|measured| measured.last_told(now)),
            asking: target.map(|target| Asking::of(target, now)),
            links: Links::of(server),
            problem: None,
            typed: None,
            path: Markup::trusted(path.clone()),
            no_past: measured_why.or(past.and_then(|past| past.as_ref().err())).cloned(),
            measured: measured.map(|measured| MeasuredView::of(measured, &path, fields)),
            open: views(|past| &past.open),
            closed: views(|past| &past.closed),
            rows: rows.unwrap_or_default(),
        }
    }
}

impl Links {
    fn of(server: &Known) -> Self {
        let name = server.name.as_str();
        let is_target = server.target.is_some();
        let feed = || Markup::link("/api/events.atom", &[("target", name)]);
        Self {
            target: link::of_target("/targets", name).filter(|_| is_target),
            pings: link::of_target("/api/servers", name),
            feed: (is_target && link::can_be_filter(name)).then(feed),
        }
    }
}
