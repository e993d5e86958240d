//! What the store tells of a probe.

use std::time::Duration;

use unistatus_core::history::Span;
use unistatus_core::schema::{Check, Timestamp};
use unistatus_core::store::{CheckQuery, Rollup};

use super::Range;
use super::plan::{MOST_CHECKS, Plan};
use crate::archive::{Archive, Turn};
use crate::error::ApiError;
use crate::query::{find_checks, find_rollups};

/// Whose checks are read.
#[derive(Clone, Debug)]
pub(in crate::dashboard) struct Probe {
    /// The target's name.
    pub(in crate::dashboard) target: String,
    /// Since when its checks are its own: earlier ones are those of another server, which had its name.
    pub(in crate::dashboard) since: Option<Timestamp>,
    /// How often it asks.
    pub(in crate::dashboard) every: Duration,
}

/// What a probe measured.
#[derive(Debug)]
pub(in crate::dashboard) struct Measured {
    pub(super) range: Range,
    pub(super) plan: Plan,
    /// How often it asks.
    pub(super) every: Duration,
    /// The checks that are told one by one.
    pub(super) checks: Vec<Check>,
    /// The hours that are told by their sums.
    pub(super) rollups: Vec<Rollup>,
    /// What was measured last, whenever that was.
    pub(super) last: Option<Check>,
}

impl Measured {
    /// Reads what a probe measured in a range.
    ///
    /// # Errors
    /// What the archive cannot answer.
    pub(in crate::dashboard) async fn read(
        archive: &Archive,
        probe: &Probe,
        range: Range,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let plan = Plan::of(range, probe.every, now);
        let since = probe.since.unwrap_or(plan.window.from);
        let turn = archive.turn().await?;
        let rollups = match plan.hours(since) {
            hours if plan.is_summed && !hours.is_empty() => find_rollups(&turn, &probe.target, hours).await?,
            _ => Vec::new(),
        };
        let mut checks = Vec::new();
        for span in plan.unsummed(since, &rollups) {
            checks.extend(within(&turn, probe, span).await?);
        }
        let last = newest(&turn, &probe.target, probe.since).await?;
        Ok(Self { range, plan, every: probe.every, checks, rollups, last })
    }
}

/// What a target measured last, and not before an instant.
///
/// # Errors
/// What the archive cannot answer.
pub(in crate::dashboard) async fn newest(
    turn: &Turn,
    target: &str,
    since: Option<Timestamp>,
) -> Result<Option<Check>, ApiError> {
    let query = CheckQuery { target: target.to_owned(), from: since, until: None, limit: Some(1) };
    Ok(find_checks(turn, query).await?.into_iter().next())
}

/// What a probe measured in a span, the newest of it where it is too much.
async fn within(turn: &Turn, probe: &Probe, span: Span) -> Result<Vec<Check>, ApiError> {
    let target = probe.target.clone();
    let query = CheckQuery { target, from: Some(span.from), until: Some(span.until), limit: Some(MOST_CHECKS) };
    find_checks(turn, query).await
}
