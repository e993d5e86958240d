//! What the store tells of a probe.

use std::time::Duration;

use unistatus_core::history::Span;
use unistatus_core::schema::{Check, ProbeId, Timestamp};
use unistatus_core::store::{CheckQuery, Rollup};

use super::Range;
use super::plan::{MOST_CHECKS, Plan};
use crate::archive::{Archive, Turn};
use crate::error::ApiError;
use crate::query::{find_checks, find_rollups};

/// Whose checks are read.
#[derive(Clone, Debug)]
pub(in crate::dashboard) struct Probe {
    /// Under which its checks are kept.
    pub(in crate::dashboard) id: ProbeId,
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
        let turn = archive.turn().await?;
        let rollups = if plan.is_summed { find_rollups(&turn, &probe.id, plan.window).await? } else { Vec::new() };
        let Span { from, until } = plan.unsummed(&rollups);
        let (from, until, limit) = (Some(from), Some(until), Some(MOST_CHECKS));
        // The newest of them where they are too many.
        let checks = find_checks(&turn, CheckQuery { probe: probe.id.clone(), from, until, limit }).await?;
        let last = newest(&turn, probe.id.clone()).await?;
        Ok(Self { range, plan, every: probe.every, checks, rollups, last })
    }
}

/// What a probe measured last.
///
/// # Errors
/// What the archive cannot answer.
pub(in crate::dashboard) async fn newest(turn: &Turn, probe: ProbeId) -> Result<Option<Check>, ApiError> {
    let query = CheckQuery { limit: Some(1), ..CheckQuery::all_of(probe) };
    Ok(find_checks(turn, query).await?.into_iter().next())
}
