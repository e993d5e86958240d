//! `history`: how the services of a target were, over a window of time.

#![expect(clippy::too_many_arguments, reason = "a resolver takes the arguments of its field")]
#![expect(clippy::unused_async, reason = "a resolver is async")]

use async_graphql::connection::PageInfo;
use async_graphql::types::Json;
use async_graphql::{Context, Description, Object, SimpleObject};
use unistatus_core::history::{self, ServiceHistory};
use unistatus_core::schema::Dimensions;

use super::asker::Asker;
use super::scalars::DateTime;
use super::words::{Counted, Granularity, Status};
use super::{cost, page};
use crate::error::ApiError;
use crate::query::{Asked, HistoryQuery, Page, ServicePage, ServicePlace, encode, refused, time_zone};
use crate::records::{BucketRecord, IntervalRecord, SecondsRecord, TotalsRecord};

/// How many buckets a history may have, of all its services together.
const MOST_BUCKETS: usize = Asker::ELEMENTS;

#[derive(Default)]
pub(super) struct HistoryQuestions;

#[Object]
impl HistoryQuestions {
    /// How the services of a target were in a window: 90 days up to now, where nothing else is said. `from` is its
    /// first instant, `to` the first one after it.
    async fn history(
        &self,
        context: &Context<'_>,
        target: String,
        #[graphql(desc = "Those services that have this name.")] service: Option<String>,
        from: Option<DateTime>,
        to: Option<DateTime>,
        #[graphql(default_with = "Granularity::Day", desc = "How long the buckets are.")] bucket: Granularity,
        #[graphql(desc = "Where the buckets begin: a name such as Europe/Berlin; UTC where it is not given.")]
        timezone: Option<String>,
        #[graphql(desc = "What degraded time counts as: up, where it is not given.")] degraded: Option<Counted>,
        #[graphql(desc = "What planned maintenance counts as: excluded, where it is not given.")] maintenance: Option<
            Counted,
        >,
        #[graphql(
            desc = "What time counts as of which nobody can say how the service was: excluded, where it is not given."
        )]
        unknown: Option<Counted>,
        #[graphql(desc = "How many services, 1 to 1000; all where it is not given.")] limit: Option<u32>,
        #[graphql(desc = "The end cursor of the page before.")] after: Option<String>,
    ) -> Option<Result<History, ApiError>> {
        let usual = history::Counting::default();
        let counting = history::Counting {
            degraded: degraded.map_or(usual.degraded, Into::into),
            maintenance: maintenance.map_or(usual.maintenance, Into::into),
            unknown: unknown.map_or(usual.unknown, Into::into),
        };
        let query = || {
            let read_zone = |name: &String| time_zone(name).map_err(|accepted| refused("timezone", name, accepted));
            let asked = Asked {
                from: DateTime::instant(from),
                to: DateTime::instant(to),
                granularity: Some(bucket.into()),
                zone: timezone.as_ref().map(read_zone).transpose()?,
            };
            let page =
                Page { limit: limit.map(page::limit).transpose()?, behind: page::cursor(after.as_deref(), Some)? };
            let is_divided = context.look_ahead().field("services").field("buckets").exists();
            let now = Asker::of(context)?.now();
            Ok((HistoryQuery::new(asked, counting, is_divided, now)?, page))
        };
        Some(match query() {
            Ok((query, page)) => History::read(context, query, &page, target, service).await,
            Err(error) => Err(error),
        })
    }
}

/// The history of a target.
#[derive(Description)]
pub(super) struct History {
    target: String,
    query: HistoryQuery,
    page: ServicePage,
    is_first: bool,
}

impl History {
    async fn read(
        context: &Context<'_>,
        query: HistoryQuery,
        page: &Page<ServicePlace>,
        target: String,
        service: Option<String>,
    ) -> Result<Self, ApiError> {
        let services = query.read(Asker::of(context)?.archive()?, &target, service).await?;
        let is_first = page.behind.is_none();
        let page = query.page_of(page, services, MOST_BUCKETS)?;
        Ok(Self { target, query, page, is_first })
    }
}

#[Object(use_type_description)]
impl History {
    /// The target's name.
    async fn target(&self) -> &str {
        &self.target
    }

    /// The first instant of the window.
    async fn from(&self) -> DateTime {
        DateTime(self.query.span.from)
    }

    /// The first instant after it; never later than now.
    async fn to(&self) -> DateTime {
        DateTime(self.query.span.until)
    }

    /// How time was counted.
    async fn counting(&self) -> Counting {
        let history::Counting { degraded, maintenance, unknown } = self.query.counting;
        Counting { degraded: degraded.into(), maintenance: maintenance.into(), unknown: unknown.into() }
    }

    /// The services that existed at any time of the window, in the order of the present state, those that are gone
    /// behind.
    #[graphql(complexity = "cost::services(child_complexity)")]
    async fn services(&self, context: &Context<'_>) -> Result<Vec<Service<'_>>, ApiError> {
        Asker::of(context)?.spend(self.page.services.len())?;
        Ok(self.page.services.iter().map(|history| Service { history, query: &self.query }).collect())
    }

    /// Whether and where the services go on.
    async fn page_info(&self) -> PageInfo {
        let ServicePage { first, last, has_more, .. } = &self.page;
        PageInfo {
            has_previous_page: !self.is_first,
            has_next_page: *has_more,
            start_cursor: first.as_ref().map(encode),
            end_cursor: last.as_ref().map(encode),
        }
    }
}

/// What time counts as.
#[derive(Debug, SimpleObject)]
pub(super) struct Counting {
    /// Time in which a service worked in part.
    degraded: Counted,
    /// Planned maintenance.
    maintenance: Counted,
    /// Time of which nobody can say how it was.
    unknown: Counted,
}

/// The history of a service.
#[derive(Description)]
pub(super) struct Service<'a> {
    history: &'a ServiceHistory,
    query: &'a HistoryQuery,
}

#[Object(name = "ServiceHistory", use_type_description)]
impl Service<'_> {
    /// Its name.
    async fn service(&self) -> &str {
        &self.history.name
    }

    /// What tells it from the others of its target.
    async fn key(&self) -> &str {
        &self.history.key
    }

    /// Its dimensions after its last change in the window.
    async fn dimensions(&self) -> Json<&Dimensions> {
        Json(&self.history.dimensions)
    }

    /// How long it was how.
    async fn totals(&self) -> Totals {
        Totals(TotalsRecord::new(&self.history.totals(), self.query.counting))
    }

    /// When it was how, oldest first; time in which it did not exist is left out.
    #[graphql(complexity = "cost::intervals(child_complexity)")]
    async fn intervals(&self, context: &Context<'_>) -> Result<Vec<Interval>, ApiError> {
        let intervals = IntervalRecord::of(self.history);
        Asker::of(context)?.spend(intervals.len())?;
        Ok(intervals.into_iter().map(Into::into).collect())
    }

    /// The window, divided.
    #[graphql(complexity = "cost::buckets(child_complexity)")]
    async fn buckets(&self, context: &Context<'_>) -> Result<Vec<Bucket>, ApiError> {
        let HistoryQuery { buckets, counting, .. } = self.query;
        Asker::of(context)?.spend(buckets.len())?;
        Ok(BucketRecord::of(self.history, buckets, *counting).into_iter().map(Bucket).collect())
    }
}

/// How long a service was how.
#[derive(Description)]
pub(super) struct Totals(TotalsRecord);

#[Object(use_type_description)]
impl Totals {
    /// The time that counts as up, divided by the time that counts; null where none does.
    async fn uptime(&self) -> Option<f64> {
        self.0.uptime
    }

    /// The time that counts as down.
    async fn downtime_seconds(&self) -> f64 {
        self.0.downtime_seconds
    }

    /// The time in each condition.
    async fn seconds(&self) -> Seconds {
        let SecondsRecord { ok, unknown, degraded, maintenance, outage } = self.0.seconds;
        Seconds { ok, unknown, degraded, maintenance, outage }
    }
}

/// The time in each condition, in seconds.
#[derive(Debug, SimpleObject)]
pub(super) struct Seconds {
    /// It worked.
    ok: f64,
    /// Nobody could say.
    unknown: f64,
    /// It worked in part, and nobody had planned that.
    degraded: f64,
    /// It was under planned maintenance.
    maintenance: f64,
    /// It did not work.
    outage: f64,
}

/// A time in which a service's status was the same.
#[derive(Debug, SimpleObject)]
pub(super) struct Interval {
    /// Its first instant.
    from: DateTime,
    /// The first instant after it.
    to: DateTime,
    /// The status.
    status: Status,
    /// Whether it was degraded by planned work.
    maintenance: bool,
}

impl From<IntervalRecord> for Interval {
    fn from(IntervalRecord { from, to, status, maintenance }: IntervalRecord) -> Self {
        Self { from: DateTime(from), to: DateTime(to), status: status.into(), maintenance }
    }
}

/// A part of the window.
#[derive(Description)]
pub(super) struct Bucket(BucketRecord);

#[Object(use_type_description)]
impl Bucket {
    /// Its first instant.
    async fn from(&self) -> DateTime {
        DateTime(self.0.from)
    }

    /// The first instant after it.
    async fn to(&self) -> DateTime {
        DateTime(self.0.to)
    }

    /// The worst status in it; null where the service did not exist.
    async fn worst(&self) -> Option<Status> {
        self.0.worst.map(Into::into)
    }

    /// How long the service was how.
    async fn totals(&self) -> Totals {
        Totals(self.0.totals)
    }
}
