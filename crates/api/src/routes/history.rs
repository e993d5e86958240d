//! `/api/history/{target}` and `/api/history/{target}/{service}`: how services were, over a window of time.

use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::history::{Counted, Counting, Granularity};
use unistatus_core::schema::Timestamp;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::current::{Current, List};
use super::page::{self, Page};
use super::parameters::{Parameters, instant, word};
use super::path;
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoPast, NoService, NoTarget, NotModified, Refused};
use crate::openapi::parameters::{self, text};
use crate::query::{Asked, HistoryQuery, ServicePage, ServicePlace, time_zone};
use crate::records::{HistoryRecord, Part, ServiceRecord};

/// How many buckets one answer may have, of all its services together.
const MOST_BUCKETS: usize = 50_000;

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
    let turn = context.archive.turn().await?;
    let services = query.window.read(&turn, &target, service).await?;
    let page = query.window.page_of(&query.page, services, MOST_BUCKETS)?;
    let answer = current.answer_list(request, move || query.list(&target, &page)).await;
    drop(turn);
    answer
}

/// What is asked.
struct Query {
    window: HistoryQuery,
    parts: Vec<Part>,
    page: Page<ServicePlace>,
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
        let asked = Asked {
            from: parameters.one("from", instant)?,
            to: parameters.one("to", instant)?,
            granularity: parameters.one("bucket", str::parse)?,
            zone: parameters.one("timezone", time_zone)?,
        };
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
        let window = HistoryQuery::new(asked, counting, parts.contains(&Part::Buckets), now)?;
        Ok(Self { window, parts, page })
    }

    fn list(&self, target: &str, page: &ServicePage) -> List<ServicePlace> {
        let HistoryQuery { span, buckets, counting } = &self.window;
        let next = page.last.clone().filter(|_| page.has_more);
        let record = |service| ServiceRecord::new(service, buckets, *counting, &self.parts);
        let record = HistoryRecord {
            target,
            from: span.from,
            to: span.until,
            counting: (*counting).into(),
            services: page.services.iter().map(record).collect(),
        };
        List { bytes: json::to_vec(&record), next }
    }
}
