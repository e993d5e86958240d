//! How the services of a target were: what their pages show beside what is known now.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;
use serde::Serialize;
use unistatus_core::history::{Counting, Granularity, ServiceHistory, Span, buckets};
use unistatus_core::schema::{Incident, Timestamp};
use unistatus_core::store::IncidentQuery;

use super::bars::{self, Day, percent};
use super::markup::Markup;
use super::patience::Patience;
use crate::app::Context;
use crate::archive::Turn;
use crate::error::ApiError;
use crate::query::{HistoryQuery, Page, find_incidents};

const DAY: Duration = Duration::from_hours(24);
/// How many days are shown.
const DAYS: u32 = 90;
/// The windows whose uptime is told.
const WINDOWS: [(&str, u32); 4] = [("24 h", 1), ("7 days", 7), ("30 days", 30), ("90 days", DAYS)];
/// How many incidents are shown that are open, and how many that are not.
const MOST_INCIDENTS: u32 = 25;

/// What a page shows of the past.
pub(super) struct Past {
    /// By the keys of the services.
    histories: BTreeMap<String, ServiceHistory>,
    /// The days that are shown.
    days: Vec<Span>,
    /// The windows whose uptime is told.
    windows: [Span; WINDOWS.len()],
    /// What goes on or lies ahead, newest first.
    pub(super) open: Vec<Incident>,
    /// What is over, newest first.
    pub(super) closed: Vec<Incident>,
    /// Kept until the page is made.
    _turn: Turn,
}

/// The past of one service.
#[derive(Debug, Serialize)]
pub(super) struct ServicePast {
    /// Its days as a picture.
    bars: Markup,
    /// How much of the windows it was up.
    uptimes: Vec<Uptime>,
    /// The days that were not fine, newest first.
    trouble: Vec<TroubledDay>,
}

/// How much of a window a service was up.
#[derive(Debug, Serialize)]
struct Uptime {
    window: &'static str,
    percent: String,
}

/// A day that was not fine.
#[derive(Debug, Serialize)]
struct TroubledDay {
    date: String,
    look: super::look::Look,
    told: String,
}

impl Past {
    /// Reads the past of a target, or of its services of one name.
    ///
    /// # Errors
    /// Why there is none to be shown, as a sentence for people.
    pub(super) async fn read(
        context: &Context,
        patience: &Patience,
        now: Timestamp,
        target: &str,
        service: Option<&str>,
    ) -> Result<Self, String> {
        patience.wait(Self::ask(context, now, target, service)).await
    }

    async fn ask(context: &Context, now: Timestamp, target: &str, service: Option<&str>) -> Result<Self, ApiError> {
        let windows = WINDOWS.map(|(_, days)| Span { from: now.minus(DAY * days), until: now });
        let span = windows[WINDOWS.len() - 1];
        let query = HistoryQuery { span, buckets: Vec::new(), counting: Counting::default() };
        let turn = context.archive.turn().await?;
        let services = query.read(&turn, target, service.map(str::to_owned)).await?;
        let all = query.page_of(&Page { limit: None, behind: None }, services, usize::MAX)?.services;
        let incidents = |open| IncidentQuery {
            targets: vec![target.to_owned()],
            kind: None,
            open: Some(open),
            from: (!open).then_some(span.from),
            until: None,
            behind: None,
            limit: Some(MOST_INCIDENTS),
        };
        let open = find_incidents(&turn, incidents(true)).await?;
        let closed = find_incidents(&turn, incidents(false)).await?;
        Ok(Self {
            histories: all.into_iter().map(|history| (history.key.clone(), history)).collect(),
            days: last_days(now),
            windows,
            open: open.into_iter().map(|found| found.incident).collect(),
            closed: closed.into_iter().map(|found| found.incident).collect(),
            _turn: turn,
        })
    }

    /// The past of the service that has this key; `None` where nothing is known of it.
    pub(super) fn of(&self, key: &str) -> Option<ServicePast> {
        let history = self.histories.get(key)?;
        let days = Day::all(history, &self.days);
        let uptime = |(window, span): (&'static str, Span)| {
            let totals = history.totals_in(&[span]);
            let ratio = totals.first().and_then(|totals| Counting::default().uptime(totals).ratio());
            Uptime { window, percent: percent(ratio) }
        };
        let troubled = |day: &Day| TroubledDay { date: day.date(), look: day.look, told: day.told() };
        Some(ServicePast {
            bars: bars::svg(&days),
            uptimes: WINDOWS.map(|(window, _)| window).into_iter().zip(self.windows).map(uptime).collect(),
            trouble: days.iter().rev().filter(|day| day.look.is_trouble()).map(troubled).collect(),
        })
    }
}

/// The last days up to now, the present one included; days of UTC.
fn last_days(now: Timestamp) -> Vec<Span> {
    let day_ms = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    let midnight = Timestamp::from_millis(now.as_millis() - now.as_millis().rem_euclid(day_ms)).unwrap_or(now);
    // Up to the end of the day, so that there is one at midnight, too.
    let span = Span { from: midnight.minus(DAY * (DAYS - 1)), until: midnight.plus(DAY) };
    buckets(span, Granularity::Day, Tz::UTC, usize::MAX).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_ninety_days_and_the_last_one_is_today() {
        for secs in [1_777_896_000, 1_777_852_800, 1_777_852_799] {
            let now = Timestamp::from_secs(secs).unwrap();
            let days = last_days(now);
            assert_eq!(days.len(), 90);
            assert!(days.last().unwrap().contains(now), "{now}");
        }
    }
}
