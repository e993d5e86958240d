//! `/targets/{target}/{service}`: the services of one name, and all of their last ninety days.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::schema::{Incident, Timestamp};

use super::form::Fields;
use super::frame::{Frame, Here};
use super::incident::{IncidentView, concerns};
use super::look::Look;
use super::markup::Markup;
use super::past::Past;
use super::patience::Patience;
use super::rows::{ServiceRow, shown_name};
use super::target::{About, Pager, page_number, title};
use super::viewer::Viewer;
use super::{answer, link, templates};
use crate::app::Context;
use crate::auth::Visitor;
use crate::contract::Served;
use crate::error::ApiError;
use crate::query::apart;
use crate::routes::current::Current;
use crate::routes::parameters::Parameters;
use crate::routes::path;
use crate::snapshot::{Body, TargetView};

/// `GET /targets/{target}/{service}`.
pub(super) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let name = path::parameter(&request, "service")?;
    let current = Current::of(&context)?;
    let target = Arc::clone(current.snapshot().target(&target).ok_or(ApiError::TargetNotFound)?);
    if target.positions_named(&name).is_empty() {
        return Err(ApiError::ServiceNotFound);
    }
    let number = page_of(request.query_string())?;
    let now = current.now();
    let past = Past::read(&context, &Patience::begin(&current), now, target.name(), Some(&name)).await;
    let heading = format!("{} · {}", shown_name(&name), title(&target));
    let viewer = Viewer::of(&request, &context, visitor).await?;
    let frame = Frame::live(heading, Here::Elsewhere, viewer.clone(), &current, Some(target.name()));
    let html = apart(move || {
        let page = ServicePage::new(frame, &target, &name, number, past.as_ref(), now);
        templates::render("service.html", &page)
    });
    let body = Body::made(html.await??.into());
    answer::page(&current, &request, &viewer, &body).await
}

fn page_of(query: &str) -> Result<usize, ApiError> {
    let mut parameters = Parameters::read(&Fields::read(query).query())?;
    let number = parameters.one("page", page_number)?.unwrap_or(1);
    parameters.finish().map(|()| number)
}

/// The page.
#[derive(Serialize)]
struct ServicePage {
    frame: Frame,
    target: About,
    name: String,
    look: Look,
    json: Option<Markup>,
    badge: Option<Markup>,
    feed: Option<Markup>,
    /// Why the past is not shown, if it is not.
    no_past: Option<String>,
    open: Vec<IncidentView>,
    closed: Vec<IncidentView>,
    rows: Vec<ServiceRow>,
    pager: Pager,
}

impl ServicePage {
    fn new(
        frame: Frame,
        target: &TargetView,
        name: &str,
        number: usize,
        past: Result<&Past, &String>,
        now: Timestamp,
    ) -> Self {
        let positions = target.positions_named(name);
        let named = target.services().enumerate().filter(|(position, _)| positions.contains(position));
        let services: Vec<Served<'_>> = named.map(|(_, service)| service).collect();
        let look = Look::worst(services.iter().copied());
        let known_as: Vec<(&str, &str)> = services.iter().map(|service| (service.key(), service.name())).collect();
        let known = past.ok();
        let views = |incidents: &[Incident]| -> Vec<IncidentView> {
            let concerning = incidents.iter().filter(|incident| concerns(incident, &known_as));
            concerning.map(|incident| IncidentView::of(target, incident, now)).collect()
        };
        let path = format!("/targets/{}/{}", link::segment(target.name()), link::segment(name));
        let (services, pager) = Pager::cut(services, number, &path, &Fields::default());
        Self {
            frame,
            target: About::of(target),
            name: shown_name(name),
            look,
            json: link::of_service("/api/status", target.name(), name),
            badge: link::of_service("/api/badge", target.name(), name),
            feed: link::can_be_filter(target.name())
                .then(|| Markup::link("/api/events.atom", &[("target", target.name()), ("service", name)])),
            no_past: past.err().cloned(),
            open: known.map(|past| views(&past.open)).unwrap_or_default(),
            closed: known.map(|past| views(&past.closed)).unwrap_or_default(),
            rows: services.iter().map(|service| ServiceRow::of(target.name(), service, known, now)).collect(),
            pager,
        }
    }
}
