//! What a page shows of what a probe measured.

use std::time::Duration;

use serde::Serialize;
use unistatus_core::checks::{self, Tally};
use unistatus_core::schema::{Check, Timestamp};

use super::{Measured, Range};
use crate::dashboard::chart::{self, Line};
use crate::dashboard::form::Fields;
use crate::dashboard::markup::Markup;
use crate::dashboard::moment::Moment;

/// After so many intervals without a check it is not known how it was in between.
const MISSED: u32 = 3;
/// After how many seconds a page looks again for a first check.
const AWAITING_SECS: u32 = 2;
/// After how many seconds a page looks again for the next check where the range is so short that one sees it.
const WATCHING_SECS: u32 = 10;

/// What was measured, and the other ranges that can be chosen.
#[derive(Debug, Serialize)]
pub(in crate::dashboard) struct MeasuredView {
    /// The range, as one says it behind "the last".
    range: &'static str,
    choices: Vec<Choice>,
    /// `None` where nothing was measured in the range.
    figures: Option<Figures>,
    picture: Option<Markup>,
    lines: Vec<Line>,
    /// Whether nothing was ever measured.
    is_awaited: bool,
    /// After how many seconds there is more to see, although nobody says so; `None` if that is not soon.
    again: Option<u32>,
}

/// A range that can be chosen.
#[derive(Debug, Serialize)]
struct Choice {
    title: &'static str,
    link: Markup,
    is_chosen: bool,
}

/// What the range comes to.
#[derive(Debug, Serialize)]
struct Figures {
    p50: String,
    p95: String,
    loss: String,
    checks: u32,
}

/// What was measured last.
#[derive(Debug, Serialize)]
pub(in crate::dashboard) struct LastCheck {
    at: Moment,
    told: String,
}

impl MeasuredView {
    /// What is shown of it, at this path and with what else is asked there.
    pub(in crate::dashboard) fn of(measured: &Measured, path: &str, fields: &Fields) -> Self {
        let points = points(measured);
        let figures = Figures::of(&whole(measured));
        let is_awaited = measured.last.is_none() && figures.is_none();
        let choice = |(word, range): (&str, Range)| Choice {
            title: range.title(),
            link: fields.link(path, "range", Some(word)),
            is_chosen: range == measured.range,
        };
        Self {
            range: measured.range.told(),
            choices: Range::ALL.into_iter().map(choice).collect(),
            picture: figures.is_some().then(|| chart::svg(measured.plan.window, &points)),
            lines: chart::lines(&points),
            figures,
            is_awaited,
            again: match measured.range {
                _ if is_awaited => Some(AWAITING_SECS),
                Range::Hour => Some(WATCHING_SECS),
                _ => None,
            },
        }
    }
}

impl Figures {
    fn of(tally: &Tally) -> Option<Self> {
        let latency = |share| tally.percentile(share).map_or_else(|| "–".to_owned(), chart::told);
        (tally.checks > 0).then(|| Self {
            p50: latency(0.5),
            p95: latency(0.95),
            loss: chart::loss(tally.loss().unwrap_or_default()),
            checks: tally.checks,
        })
    }
}

impl Measured {
    /// What was measured last.
    pub(in crate::dashboard) fn last_told(&self, now: Timestamp) -> Option<LastCheck> {
        self.last.as_ref().map(|check| LastCheck::of(check, now))
    }
}

impl LastCheck {
    /// What is told of a check.
    pub(in crate::dashboard) fn of(check: &Check, now: Timestamp) -> Self {
        let latency = check.latency.map_or_else(|| "no answer".to_owned(), chart::told);
        let told = match check.lost {
            0 => latency,
            lost => format!("{latency}, {lost} of {} lost", check.sent),
        };
        Self { at: Moment::of(check.at, now), told }
    }
}

/// All that was measured in the range.
fn whole(measured: &Measured) -> Tally {
    let Measured { plan, checks, rollups, .. } = measured;
    let length = Duration::from_millis(plan.window.millis());
    let whole = checks::series(plan.window, length, checks, rollups).pop();
    whole.map(|point| point.tally).unwrap_or_default()
}

/// The points of the picture. Parts of the time without a check are left out, so that the line goes over them, unless
/// they are so long that checks are missing.
fn points(measured: &Measured) -> Vec<chart::Point> {
    let Measured { plan, checks, rollups, every, .. } = measured;
    let series = checks::series(plan.window, plan.width, checks, rollups);
    let is_empty = |point: &checks::Point| point.tally.checks == 0;
    let missed = every.saturating_mul(MISSED);
    let is_shown = |run: &&[checks::Point]| {
        let is_gap = || match run {
            [first, .., last] => first.span.from.until(last.span.until) >= missed,
            [only] => only.span.from.until(only.span.until) >= missed,
            [] => false,
        };
        run.iter().any(|point| !is_empty(point)) || is_gap()
    };
    let runs = series.chunk_by(|one, next| is_empty(one) == is_empty(next)).filter(is_shown);
    runs.flatten().map(point).collect()
}

fn point(point: &checks::Point) -> chart::Point {
    let checks::Point { span, tally } = point;
    chart::Point {
        from: span.from,
        until: span.until,
        sent: tally.sent,
        lost: tally.lost,
        p50: tally.percentile(0.5),
        p95: tally.percentile(0.95),
    }
}
