//! How the services of a target were, over a window of time.

use std::time::Duration;

use chrono_tz::Tz;
use unistatus_core::history::{Counting, Granularity, ServiceHistory, Span, TooManyBuckets, buckets, histories};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Past, TargetState, Window};

use super::{Page, apart, cut, in_order, not_ahead};
use crate::archive::Archive;
use crate::error::ApiError;

/// How long a window is where only its end is given, or nothing.
const USUAL: Duration = Duration::from_hours(90 * 24);
/// How many buckets a window may have: 90 days by the hour, with a clock put back in between.
const MOST_BUCKETS: usize = 2_500;
/// A window of time as it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Its first instant.
    pub(crate) from: Option<Timestamp>,
    /// The first instant after it.
    pub(crate) to: Option<Timestamp>,
    /// How long its buckets are.
    pub(crate) granularity: Option<Granularity>,
    /// Where they begin.
    pub(crate) zone: Option<Tz>,
}

/// A window of time, and how time is counted in it.
#[derive(Clone, Debug)]
pub(crate) struct HistoryQuery {
    /// The window, as far as it has happened.
    pub(crate) span: Span,
    /// The window, divided; empty where nobody wants to see it so.
    pub(crate) buckets: Vec<Span>,
    /// How time is counted.
    pub(crate) counting: Counting,
}

impl HistoryQuery {
    /// The query; `is_divided` if its buckets are to be seen.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a window that ends before it begins or lies ahead, and for too many buckets.
    pub(crate) fn new(asked: Asked, counting: Counting, is_divided: bool, now: Timestamp) -> Result<Self, ApiError> {
        let Asked { from, to, granularity, zone } = asked;
        in_order(from, to)?;
        let until = to.unwrap_or(now).min(now);
        let span = Span { from: from.unwrap_or_else(|| until.minus(USUAL)), until };
        if let Some(from) = from {
            not_ahead("from", from, now)?;
        }
        let granularity = granularity.unwrap_or(Granularity::Day);
        let buckets = if is_divided {
            buckets(span, granularity, zone.unwrap_or(Tz::UTC), MOST_BUCKETS)
                .map_err(|many| too_many(many, granularity))?
        } else {
            Vec::new()
        };
        Ok(Self { span, buckets, counting })
    }

    /// The histories of the services of a target that have a name, or of all of them: in the order of the present
    /// state, those that are gone behind.
    ///
    /// # Errors
    /// [`ApiError::TargetNotFound`], [`ApiError::ServiceNotFound`], and what the archive cannot answer.
    pub(crate) async fn read(
        &self,
        archive: &Archive,
        target: &str,
        service: Option<String>,
    ) -> Result<Vec<ServiceHistory>, ApiError> {
        let span = self.span;
        let window = Window { target: Some(target.to_owned()), from: span.from, to: span.until };
        let past = archive.ask(|store| {
            let window = window.clone();
            async move { store.past(&window).await }
        });
        let past = past.await?;
        apart(move || services(past, span, service.as_deref())).await?
    }

    /// The services of a page, and whether more follow; together they may have so many buckets.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if they have more buckets than an answer may have.
    pub(crate) fn page_of(
        &self,
        page: &Page<String>,
        services: Vec<ServiceHistory>,
        most_buckets: usize,
    ) -> Result<(Vec<ServiceHistory>, bool), ApiError> {
        let behind = match &page.behind {
            None => 0,
            Some(key) => services.iter().position(|service| service.key == *key).map_or(services.len(), |at| at + 1),
        };
        let (services, has_more) = cut(page.one_more(services.into_iter().skip(behind)), page.limit);
        if services.len().saturating_mul(self.buckets.len()) > most_buckets {
            let most = most_buckets / self.buckets.len().max(1);
            return Err(ApiError::BadRequest(format!(
                "{} services with {} buckets each are too much for one answer: ask with a \"limit\" of {most} or less, \
                 for longer buckets or a shorter window.",
                services.len(),
                self.buckets.len(),
            )));
        }
        Ok((services, has_more))
    }
}

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

fn too_many(TooManyBuckets { at_least, most }: TooManyBuckets, granularity: Granularity) -> ApiError {
    ApiError::BadRequest(format!(
        "The window has {at_least} buckets or more of a {granularity} each, and {most} is the most: ask for longer ones \
         (\"bucket\" is hour, day, week or month) or for a shorter window."
    ))
}
