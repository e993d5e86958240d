//! `/api/history/{target}` and `/api/history/{target}/{service}`: how services were, over a window of time.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use unistatus_core::history::{
    Counted, Counting, Granularity, ServiceHistory, Span, TooManyBuckets, buckets, histories,
};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Past, TargetState, Window};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::current::{Current, List};
use super::page::{self, Page, cut};
use super::parameters::{Parameters, in_order, instant, word};
use super::path;
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoPast, NoService, NoTarget, NotModified, Refused};
use crate::openapi::parameters::{self, text};
use crate::records::{HistoryRecord, Part, ServiceRecord};

/// How long a window is where only its end is given, or nothing.
const USUAL: Duration = Duration::from_hours(90 * 24);
/// How many buckets a window may have: 90 days by the hour, with a clock put back in between.
const MOST_BUCKETS: usize = 2_500;
/// How many buckets one answer may have, of all its services together.
const MOST_CELLS: usize = 100_000;

/// `GET /api/history/{target}`: all services of a target.
#[utoipa::path(
    get,
    path = "/api/history/{target}",
    operation_id = "getTargetHistory",
    tag = "Past",
    summary = "How the services of a target were",
    description = "Over a window of time: when each was how, and how long it was up, in the window and in each part \
                   of it.",
    params(path::TargetName, Query),
    responses(
        (status = 200, description = "The history.", body = HistoryRecord),
        NotModified,
        Refused,
        NoTarget,
        NoPast,
    ),
)]
pub(super) async fn of_target(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    answer(&current, &request, &context, target, None).await
}

/// `GET /api/history/{target}/{service}`: the services of that name.
#[utoipa::path(
    get,
    path = "/api/history/{target}/{service}",
    operation_id = "getServiceHistory",
    tag = "Past",
    summary = "How the services of one name were",
    description = "Over a window of time: when each was how, and how long it was up, in the window and in each part \
                   of it.",
    params(path::ServiceName, Query),
    responses(
        (status = 200, description = "The history.", body = HistoryRecord),
        NotModified,
        Refused,
        NoService,
        NoPast,
    ),
)]
pub(super) async fn of_service(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    let service = path::parameter(&request, "service")?;
    answer(&current, &request, &context, target, Some(service)).await
}

async fn answer(
    current: &Current,
    request: &HttpRequest,
    context: &Context,
    target: String,
    service: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let query = Query::take(&mut parameters, context.clock.now())?;
    parameters.finish()?;
    let Span { from, until } = query.span;
    let window = Window { target: Some(target.clone()), from, to: until };
    let past = context.archive.ask(|store| {
        let window = window.clone();
        async move { store.past(&window).await }
    });
    let past = past.await?;
    let services = web::block(move || services(past, query.span, service.as_deref())).await.map_err(|error| {
        tracing::error!(%error, "a history cannot be made");
        ApiError::Internal
    })??;
    let (services, has_more) = query.page_of(services)?;
    current.answer_list(request, move || query.list(&target, &services, has_more)).await
}

/// The histories of the services of a target that are asked for, in the order of the present state, those that are gone
/// behind.
fn services(past: Past, span: Span, name: Option<&str>) -> Result<Vec<ServiceHistory>, ApiError> {
    let state = past.states.first().cloned().ok_or(ApiError::TargetNotFound)?;
    let mut services = histories(past, span).pop().map(|history| history.services).unwrap_or_default();
    let Some(name) = name else { return Ok(services) };
    let folded = name.to_lowercase();
    let is_exact = services.iter().any(|service| service.name == name);
    services.retain(|service| service.name == name || (!is_exact && service.name.to_lowercase() == folded));
    if services.is_empty() && !is_known(&state, &folded) {
        return Err(ApiError::ServiceNotFound);
    }
    Ok(services)
}

fn is_known(state: &TargetState, folded: &str) -> bool {
    state.services.iter().any(|service| service.name.to_lowercase() == folded)
}

/// What is asked.
struct Query {
    /// The window, as far as it has happened.
    span: Span,
    buckets: Vec<Span>,
    counting: Counting,
    parts: Vec<Part>,
    /// The cursor is the last service's key.
    page: Page<String>,
}

impl IntoParams for Query {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let usual = Counting::default();
        let counted = |name, description, usual: Counted| {
            parameters::word(name, description, Counted::ALL.map(Counted::as_str), Some(usual.as_str()))
        };
        let granularities = Granularity::ALL.map(Granularity::as_str);
        let own = vec![
            parameters::instant(
                "from",
                "The first instant of the window; 90 days before its end where it is not given.",
            ),
            parameters::instant("to", "The first instant after the window; now where it is not given, or lies ahead."),
            parameters::word(
                "bucket",
                "What the window is divided into.",
                granularities,
                Some(Granularity::Day.as_str()),
            ),
            text(
                "timezone",
                "Whose days, weeks and months the buckets are; UTC where it is not given.",
                "Europe/Berlin",
            ),
            counted("degraded", "What degraded time without planned work counts as.", usual.degraded),
            counted("maintenance", "What planned work counts as.", usual.maintenance),
            counted("unknown", "What time in which nobody knew counts as.", usual.unknown),
            parameters::words(
                "fields",
                "What is shown beside the totals; everything where it is not given.",
                Part::ALL.map(|(name, _)| name),
                &["intervals"],
            ),
        ];
        [own, page::documented()].concat()
    }
}

impl Query {
    fn take(parameters: &mut Parameters, now: Timestamp) -> Result<Self, ApiError> {
        let (from, to) = (parameters.one("from", instant)?, parameters.one("to", instant)?);
        in_order(from, to)?;
        let until = to.unwrap_or(now).min(now);
        let span = Span { from: from.unwrap_or_else(|| until.minus(USUAL)), until };
        if from.is_some_and(|from| from > now) {
            return Err(ApiError::BadRequest(format!("\"from\" lies ahead: it is {now}.")));
        }
        let granularity = parameters.one("bucket", str::parse)?.unwrap_or(Granularity::Day);
        let zone = parameters.one("timezone", zone)?.unwrap_or(Tz::UTC);
        let usual = Counting::default();
        let counting = Counting {
            degraded: parameters.one("degraded", str::parse)?.unwrap_or(usual.degraded),
            maintenance: parameters.one("maintenance", str::parse)?.unwrap_or(usual.maintenance),
            unknown: parameters.one("unknown", str::parse)?.unwrap_or(usual.unknown),
        };
        let mut parts = parameters.all("fields", |value| word(value, &Part::ALL))?;
        if parts.is_empty() {
            parts = Part::ALL.map(|(_, part)| part).to_vec();
        }
        let page = Page::take(parameters)?;
        let buckets = if parts.contains(&Part::Buckets) {
            buckets(span, granularity, zone, MOST_BUCKETS).map_err(|many| too_many(many, granularity))?
        } else {
            Vec::new()
        };
        Ok(Self { span, buckets, counting, parts, page })
    }

    /// The services of the page, and whether more follow.
    fn page_of(&self, services: Vec<ServiceHistory>) -> Result<(Vec<ServiceHistory>, bool), ApiError> {
        let behind = match &self.page.behind {
            None => 0,
            Some(key) => services.iter().position(|service| service.key == *key).map_or(services.len(), |at| at + 1),
        };
        let (services, has_more) = cut(self.page.one_more(services.into_iter().skip(behind)), self.page.limit);
        if services.len().saturating_mul(self.buckets.len()) > MOST_CELLS {
            let most = MOST_CELLS / self.buckets.len().max(1);
            return Err(ApiError::BadRequest(format!(
                "{} services with {} buckets each are too much for one answer: ask with a \"limit\" of {most} or less, \
                 for longer buckets or a shorter window.",
                services.len(),
                self.buckets.len(),
            )));
        }
        Ok((services, has_more))
    }

    fn list(&self, target: &str, services: &[ServiceHistory], has_more: bool) -> List<String> {
        let next = services.last().filter(|_| has_more).map(|last| last.key.clone());
        let record = |service| ServiceRecord::new(service, &self.buckets, self.counting, &self.parts);
        let record = HistoryRecord {
            target,
            from: self.span.from,
            to: self.span.until,
            counting: self.counting.into(),
            services: services.iter().map(record).collect(),
        };
        List { bytes: json::to_vec(&record), next }
    }
}

fn zone(name: &str) -> Result<Tz, &'static str> {
    name.parse().map_err(|_| "expected is the name of a time zone such as Europe/Berlin")
}

fn too_many(TooManyBuckets { at_least, most }: TooManyBuckets, granularity: Granularity) -> ApiError {
    ApiError::BadRequest(format!(
        "The window has {at_least} buckets or more of a {granularity} each, and {most} is the most: ask for longer ones \
         (\"bucket\" is hour, day, week or month) or for a shorter window."
    ))
}
