//! `/`: everything at a glance.

mod cache;
mod headline;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

pub(crate) use cache::Front;
pub(super) use headline::Headline;
use view::OverviewPage;

use super::accept::prefers_html;
use super::form::Fields;
use super::frame::{Frame, Here};
use super::viewer::Viewer;
use super::{answer, templates};
use crate::app::Context;
use crate::auth::Visitor;
use crate::error::ApiError;
use crate::query::apart;
use crate::routes::current::Current;
use crate::routes::parameters::Parameters;
use crate::routes::{filters, host};
use crate::select::Selection;
use crate::snapshot::{Body, Snapshot};

/// `GET /`: the page to people; programs are told that the server lives.
pub(super) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    if prefers_html(request.headers()) {
        return make(visitor, &request, &context).await;
    }
    Parameters::read(request.query_string())?.finish()?;
    let mut response = host::uptime(&context);
    response.headers_mut().insert(header::VARY, answer::VARY);
    Ok(response)
}

async fn make(visitor: Visitor, request: &HttpRequest, context: &Context) -> Result<HttpResponse, ApiError> {
    let current = Current::of(context)?;
    let fields = Fields::read(request.query_string());
    let viewer = Viewer::of(request, context, visitor).await?;
    let frame = Frame::live("Overview", Here::Overview, viewer.clone(), &current, None);
    let body = if fields.is_empty() && !viewer.is_known() {
        context.front.body(&current, || render(frame, &current, fields, Selection::default())).await?
    } else {
        let selection = read(&fields, current.snapshot())?;
        Arc::new(render(frame, &current, fields, selection).await?)
    };
    answer::page(&current, request, &viewer, &body).await
}

/// What is asked for, in the words of `/api/status`.
fn read(fields: &Fields, snapshot: &Snapshot) -> Result<Selection, ApiError> {
    let mut parameters = Parameters::read(&fields.query())?;
    let selection = Selection {
        targets: filters::targets(&mut parameters, &[snapshot])?,
        services: filters::services(&mut parameters)?,
        q: filters::needle(&mut parameters)?,
    };
    parameters.finish().map(|()| selection)
}

async fn render(frame: Frame, current: &Current, fields: Fields, selection: Selection) -> Result<Body, ApiError> {
    let (snapshot, now) = (Arc::clone(current.snapshot()), current.now());
    let html = apart(move || {
        templates::render("overview.html", &OverviewPage::new(frame, &snapshot, &fields, &selection, now))
    });
    Ok(Body::made(html.await??.into()))
}
