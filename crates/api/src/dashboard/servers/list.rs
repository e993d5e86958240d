//! `/servers`: all of the team's own servers.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use unistatus_core::access::Scope;
use unistatus_core::schema::{Check, Timestamp};

use super::wish::{Refusal, Wish};
use super::{Known, LIST, path_of};
use crate::app::Context;
use crate::archive::Archive;
use crate::auth::Visitor;
use crate::dashboard::form::Fields;
use crate::dashboard::frame::{Frame, Here};
use crate::dashboard::look::Look;
use crate::dashboard::markup::Markup;
use crate::dashboard::measured::{LastCheck, newest};
use crate::dashboard::moment::Moment;
use crate::dashboard::overview::Headline;
use crate::dashboard::patience::Patience;
use crate::dashboard::posted::{self, Posted};
use crate::dashboard::rows::shown_name;
use crate::dashboard::target::{MANY, Pager, page_number};
use crate::dashboard::viewer::Viewer;
use crate::dashboard::{answer, link, templates};
use crate::error::ApiError;
use crate::query::apart;
use crate::routes::current::Current;
use crate::routes::filters;
use crate::routes::parameters::Parameters;
use crate::select::Needle;
use crate::servers;
use crate::snapshot::Body;

/// How many last pings are asked for at the same time.
const AT_ONCE: usize = 8;
/// After how many seconds the page looks again for first pings.
const AWAITING_SECS: u32 = 5;

/// `GET /servers`.
pub(in crate::dashboard) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::read(request.query_string())?;
    let current = Current::of(&context)?;
    let viewer = Viewer::of(&request, &context, visitor).await?;
    let frame = Frame::live("Servers", Here::Servers, viewer.clone(), &current, None);
    let page = ServersPage::read(&context, &current, frame, query).await?;
    let html = apart(move || templates::render("servers.html", &page)).await??;
    answer::page(&current, &request, &viewer, &Body::made(html.into())).await
}

/// `POST /servers`: adds one, and leads to its page.
pub(in crate::dashboard) async fn add(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, fields } = Posted::read(visitor, Scope::Write, (&request, payload), &context).await?;
    let wish = Wish::of(&fields);
    // Taken only now: a form that comes slowly shall not keep what was known when it began.
    let current = Current::of(&context)?;
    let wished = (wish.name.as_str(), wish.address.as_str());
    let outcome = context.servers.add(&who, &context.archive, current.snapshot(), wished, current.now()).await;
    let Some(Refusal { status, why }) = Refusal::of(outcome)? else { return Ok(posted::done(&path_of(&wish.name))) };
    let viewer = Viewer::of(&request, &context, Visitor(Some(who))).await?;
    let frame = Frame::live("Servers", Here::Servers, viewer, &current, None);
    let page = ServersPage::read(&context, &current, frame, Query::read("")?).await?;
    answer::refused(status, "servers.html", &ServersPage { problem: Some(why), wish, ..page })
}

/// What was measured last of each server, in their order.
async fn last_pings(archive: &Archive, servers: &[Known]) -> Result<Vec<Option<Check>>, ApiError> {
    let turn = &archive.turn().await?;
    let each = servers.iter().map(|server| newest(turn, server.probe()));
    stream::iter(each).buffered(AT_ONCE).try_collect().await
}

/// What is asked of the servers.
struct Query {
    fields: Fields,
    q: Option<Needle>,
    /// The number of the page, from 1 on.
    page: usize,
}

impl Query {
    fn read(query: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::read(query);
        let mut parameters = Parameters::read(&fields.query())?;
        let q = filters::needle(&mut parameters)?;
        let page = parameters.one("page", page_number)?.unwrap_or(1);
        parameters.finish()?;
        fields.take("page");
        Ok(Self { fields, q, page })
    }
}

/// Which servers are shown.
struct List {
    /// How all of them are, by what they are called.
    looks: Vec<(Look, String)>,
    /// Those of this page, the worst first.
    shown: Vec<Known>,
    /// What was measured of those last; nothing where that is not known.
    pings: Vec<Option<Check>>,
    pager: Pager,
}

impl List {
    fn new(servers: Vec<Known>, query: &Query) -> Self {
        let looks = servers.iter().map(|server| (server.look(), shown_name(&server.name))).collect();
        let is_found =
            |server: &Known| query.q.as_ref().is_none_or(|q| q.is_in(&server.name) || q.is_in(&server.address));
        let mut found: Vec<Known> = servers.into_iter().filter(is_found).collect();
        found.sort_by_cached_key(|server| (Reverse(server.look()), server.name.to_lowercase()));
        let (shown, pager) = Pager::cut(found, query.page, LIST, &query.fields);
        Self { looks, shown, pings: Vec::new(), pager }
    }
}

/// The page.
#[derive(Serialize)]
struct ServersPage {
    frame: Frame,
    /// `None` where there is no server.
    headline: Option<Headline>,
    /// Why what was wished was not done, and what that was.
    problem: Option<String>,
    wish: Wish,
    /// Why not all is shown, if it is not.
    no_past: Option<String>,
    /// Whether there are so many that they can be searched.
    is_searched: bool,
    q: String,
    rows: Vec<Row>,
    /// How many there are, the ones included that are not shown.
    total: usize,
    pager: Pager,
    /// After how many seconds there is more to see, although nobody says so; `None` if that is not soon.
    again: Option<u32>,
}

/// A server.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    link: Option<Markup>,
    look: Look,
    state: &'static str,
    reason: Option<String>,
    address: String,
    last: Option<LastCheck>,
    added: Option<Moment>,
}

impl ServersPage {
    /// The page as it is now.
    async fn read(context: &Context, current: &Current, frame: Frame, query: Query) -> Result<Self, ApiError> {
        let (snapshot, now) = (current.snapshot(), current.now());
        let patience = Patience::begin(current);
        let (servers, no_past) = match patience.wait(servers::all(&context.archive)).await {
            Ok(servers) => (servers.into_iter().map(|server| Known::of(server, snapshot)).collect(), None),
            Err(why) => (snapshot.targets().iter().filter_map(Known::of_target).collect(), Some(why)),
        };
        let mut list = List::new(servers, &query);
        if no_past.is_none() {
            // Who is there is worth showing without when it was last heard.
            list.pings = patience.wait(last_pings(&context.archive, &list.shown)).await.unwrap_or_default();
        }
        apart(move || Self::new(frame, &list, &query, no_past, now)).await
    }

    fn new(frame: Frame, list: &List, query: &Query, no_past: Option<String>, now: Timestamp) -> Self {
        let looks: Vec<(Look, &str)> = list.looks.iter().map(|(look, name)| (*look, name.as_str())).collect();
        let pings = list.pings.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        let is_awaiting = list.shown.iter().any(|server| server.target.is_none());
        Self {
            frame,
            headline: (!looks.is_empty()).then(|| Headline::of(&looks)),
            problem: None,
            wish: Wish::default(),
            no_past,
            is_searched: looks.len() >= MANY || query.q.is_some(),
            q: query.fields.value("q").to_owned(),
            rows: list.shown.iter().zip(pings).map(|(server, last)| Row::of(server, last, now)).collect(),
            total: looks.len(),
            pager: list.pager.clone(),
            again: is_awaiting.then_some(AWAITING_SECS),
        }
    }
}

impl Row {
    fn of(server: &Known, last: Option<&Check>, now: Timestamp) -> Self {
        Self {
            id: format!("v-{}", link::segment(&server.name)),
            name: shown_name(&server.name),
            link: link::of_target(LIST, &server.name),
            look: server.look(),
            state: server.state(),
            reason: server.reason(),
            address: server.address.clone(),
            last: last.map(|check| LastCheck::of(check, now)),
            added: server.added_at.map(|at| Moment::of(at, now)),
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
