//! How the services of a target were, over a window of time.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use unistatus_core::history::{Counting, Granularity, ServiceHistory, Span, TooManyBuckets, buckets, histories};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Past, TargetState, Window};

use super::{Page, apart, in_order, not_ahead};
use crate::archive::Turn;
use crate::error::ApiError;

/// How long a window is where only its end is given, or nothing.
const USUAL: Duration = Duration::from_hours(90 * 24);
/// How many buckets a window may have: 90 days by the hour, with a clock put back in between.
const MOST_BUCKETS: usize = 2_500;
/// How many changes a target may have in a window, and how many gaps.
const MOST_CHANGES: u32 = 50_000;

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

/// The histories of the services of a target: in the order of the present state, those that are gone behind.
#[derive(Debug)]
pub(crate) struct Services {
    all: Vec<ServiceHistory>,
    /// How many of them are there at present.
    present: usize,
}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePlace {
    /// The key of its last service.
    key: String,
    /// Whether that was gone.
    is_gone: bool,
    /// Where it stood. If it went since, or came back, the one that followed has its place now.
    position: usize,
}

/// Some of the services.
#[derive(Debug)]
pub(crate) struct ServicePage {
    /// Their histories.
    pub(crate) services: Vec<ServiceHistory>,
    /// The place of the first of them.
    pub(crate) first: Option<ServicePlace>,
    /// The place of the last of them.
    pub(crate) last: Option<ServicePlace>,
    /// Whether there are more behind it.
    pub(crate) has_more: bool,
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

    /// The histories of the services of a target that have a name, or of all of them.
    ///
    /// # Errors
    /// [`ApiError::TargetNotFound`], [`ApiError::ServiceNotFound`], and what the archive cannot answer.
    pub(crate) async fn read(&self, turn: &Turn, target: &str, service: Option<String>) -> Result<Services, ApiError> {
        let span = self.span;
        let window = Window { most: Some(MOST_CHANGES), ..Window::new(Some(target), span.from, span.until) };
        let past = turn.ask(|store| {
            let window = window.clone();
            async move { store.past(&window).await }
        });
        let past = past.await?;
        apart(move || services(past, span, service.as_deref())).await?
    }

    /// The services of a page, which together may have so many buckets.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if they have more buckets than an answer may have.
    pub(crate) fn page_of(
        &self,
        page: &Page<ServicePlace>,
        services: Services,
        most_buckets: usize,
    ) -> Result<ServicePage, ApiError> {
        let page = services.page(page);
        let services = &page.services;
        if services.len().saturating_mul(self.buckets.len()) > most_buckets {
            let most = most_buckets / self.buckets.len().max(1);
            return Err(ApiError::BadRequest(format!(
                "{} services with {} buckets each are too much for one answer: ask with a \"limit\" of {most} or less, \
                 for longer buckets or a shorter window.",
                services.len(),
                self.buckets.len(),
            )));
        }
        Ok(page)
    }
}

impl Services {
    fn place(&self, position: usize) -> Option<ServicePlace> {
        let key = self.all.get(position)?.key.clone();
        Some(ServicePlace { key, is_gone: self.is_gone(position), position })
    }

    const fn is_gone(&self, position: usize) -> bool {
        position >= self.present
    }

    fn behind(&self, ServicePlace { key, is_gone, position }: &ServicePlace) -> usize {
        let found = self.all.iter().position(|service| service.key == *key);
        found.filter(|&found| self.is_gone(found) == *is_gone).map_or(*position, |found| found + 1)
    }

    fn page(self, page: &Page<ServicePlace>) -> ServicePage {
        let begin = page.behind.as_ref().map_or(0, |place| self.behind(place));
        let limit = page.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let end = begin.saturating_add(limit).min(self.all.len());
        let has_more = end < self.all.len();
        let (first, last) = (self.place(begin), end.checked_sub(1).and_then(|last| self.place(last)));
        let services: Vec<_> = self.all.into_iter().take(end).skip(begin).collect();
        ServicePage { services, first, last, has_more }
    }
}

fn services(past: Past, span: Span, name: Option<&str>) -> Result<Services, ApiError> {
    let state = past.states.first().cloned().ok_or(ApiError::TargetNotFound)?;
    let mut services = histories(past, span).pop().map(|history| history.services).unwrap_or_default();
    if let Some(name) = name {
        let folded = name.to_lowercase();
        let is_exact = services.iter().any(|service| service.name == name);
        services.retain(|service| service.name == name || (!is_exact && service.name.to_lowercase() == folded));
        if services.is_empty() && !is_known(&state, &folded) {
            return Err(ApiError::ServiceNotFound);
        }
    }
    let keys: BTreeSet<&str> = state.services.iter().map(|service| service.key.as_str()).collect();
    let present = services.partition_point(|service| keys.contains(service.key.as_str()));
    Ok(Services { all: services, present })
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

#[cfg(test)]
mod tests {
    use unistatus_core::schema::{Dimensions, Event, Service, Status};
    use unistatus_core::store::Period;

    use super::*;
    use crate::snapshot::testing;

    /// The services that these periods make: those behind the line are gone.
    fn told(keys: &str) -> Services {
        let (present, gone) = keys.split_once('|').unwrap_or((keys, ""));
        let service = |key: char| Service { key: key.into(), ..testing::service(&key.to_string(), Status::Ok) };
        let target = testing::target("t", present.chars().map(service));
        let period = |key: char, at, to, until| Period {
            event: Event {
                target: "t".to_owned(),
                revision: 1,
                key: key.into(),
                service: key.into(),
                dimensions: Dimensions::new(),
                from: None,
                to,
                source_at: None,
                at: testing::at(at),
            },
            until,
        };
        let came = (present.chars().chain(gone.chars())).map(|key| {
            let until = gone.contains(key).then(|| testing::at(1));
            period(key, 0, Some(Status::Ok), until)
        });
        let went = gone.chars().map(|key| period(key, 1, None, Some(testing::at(1))));
        let past = Past { states: vec![target], periods: came.chain(went).collect(), gaps: Vec::new() };
        services(past, Span { from: testing::at(0), until: testing::at(2) }, None).unwrap()
    }

    fn page(keys: &str, limit: u32, behind: Option<ServicePlace>) -> (String, Option<ServicePlace>, bool) {
        let page = told(keys).page(&Page { limit: Some(limit), behind });
        (page.services.iter().map(|service| service.key.as_str()).collect(), page.last, page.has_more)
    }

    #[test]
    fn pages_make_the_whole() {
        for size in 1..7 {
            let (mut all, mut behind) = (String::new(), None);
            loop {
                let (keys, last, has_more) = page("abcd|xy", size, behind);
                all += &keys;
                behind = last;
                if !has_more {
                    break;
                }
            }
            assert_eq!(all, "abcdxy", "{size}");
        }
    }

    #[test]
    fn what_comes_and_goes_between_two_pages_hides_nothing() {
        let (first, place, _) = page("abcd|xy", 2, None);
        assert_eq!(first, "ab");
        for (now, rest) in [
            ("abcd|xy", "cdxy"),
            ("nabcd|xy", "cdxy"),
            // The last one of the page went, or one before it.
            ("acd|bxy", "cdbxy"),
            ("bcd|axy", "cdaxy"),
            ("abcd|y", "cdy"),
            ("a", ""),
        ] {
            let (keys, _, has_more) = page(now, 10, place.clone());
            assert_eq!((keys.as_str(), has_more), (rest, false), "{now}");
        }
    }
}
