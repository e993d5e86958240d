//! `/api/history/{target}` and `/api/history/{target}/{service}`: how services were, over a window of time.

use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::history::{Counting, ServiceHistory};
use unistatus_core::schema::Timestamp;

use super::current::{Current, List};
use super::page::Page;
use super::parameters::{Parameters, instant, word};
use super::path;
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::query::{Asked, HistoryQuery, time_zone};
use crate::records::{HistoryRecord, Part, ServiceRecord};

/// How many buckets one answer may have, of all its services together.
const MOST_BUCKETS: usize = 100_000;

/// `GET /api/history/{target}`: all services of a target.
pub(super) async fn of_target(
    current: Current,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let target = path::parameter(&request, "target")?;
    answer(&current, &request, &context, target, None).await
}

/// `GET /api/history/{target}/{service}`: the services of that name.
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
    let services = query.window.read(&context.archive, &target, service).await?;
    let (services, has_more) = query.window.page_of(&query.page, services, MOST_BUCKETS)?;
    current.answer_list(request, move || query.list(&target, &services, has_more)).await
}

/// What is asked.
struct Query {
    window: HistoryQuery,
    parts: Vec<Part>,
    /// The cursor is the last service's key.
    page: Page<String>,
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

    fn list(&self, target: &str, services: &[ServiceHistory], has_more: bool) -> List<String> {
        let HistoryQuery { span, buckets, counting } = &self.window;
        let next = services.last().filter(|_| has_more).map(|last| last.key.clone());
        let record = |service| ServiceRecord::new(service, buckets, *counting, &self.parts);
        let record = HistoryRecord {
            target,
            from: span.from,
            to: span.until,
            counting: (*counting).into(),
            services: services.iter().map(record).collect(),
        };
        List { bytes: json::to_vec(&record), next }
    }
}
