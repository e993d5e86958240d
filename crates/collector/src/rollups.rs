//! How the checks of an hour are summed up, once it is over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use unistatus_core::causes::with_causes;
use unistatus_core::checks::{hour_of, roll_up};
use unistatus_core::history::Span;
use unistatus_core::schema::{ProbeId, Timestamp};
use unistatus_core::store::{CheckQuery, Retention, Store, StoreError};

use crate::recorder::Recorder;

const HOUR: Duration = Duration::from_hours(1);
/// How long after the end of an hour its last checks are written for sure, if the store is there.
const SETTLE: Duration = Duration::from_mins(1);
/// How soon it is tried again where the store could not do it.
const RETRY: Duration = Duration::from_mins(1);
/// How far back there may be checks of a probe of which nothing was ever summed up.
const LOOK_BACK: Duration = Duration::from_hours(24);
/// After so many failures in a row it is the store that fails, and not the probes.
const FEW: usize = 3;

/// Sums up each hour of each probe in which this process writes checks; and before the first of them what whoever asked
/// the same before left behind.
#[derive(Debug)]
pub(crate) struct Rollups {
    store: Arc<dyn Store>,
    recorder: Arc<Recorder>,
    /// For how long checks are kept.
    retention: Retention,
    /// The probes of the last round: whatever was written before of those is summed up.
    caught_up: BTreeSet<ProbeId>,
}

impl Rollups {
    /// Sums up what this recorder writes to the store, which keeps checks for so long.
    pub(crate) const fn new(store: Arc<dyn Store>, recorder: Arc<Recorder>, retention: Retention) -> Self {
        Self { store, recorder, retention, caught_up: BTreeSet::new() }
    }

    /// Goes on until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = match self.sum_up(Timestamp::now()).await {
                Ok(()) => until_next(Timestamp::now()),
                Err(error) => {
                    tracing::warn!(error = with_causes(&error), "checks are not summed up yet");
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Sums up the hours that are over. One probe that fails keeps no other from its turn, unless it is the store that
    /// fails.
    async fn sum_up(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let mut round = Round::default();
        let mut caught_up = BTreeSet::new();
        let mut touched = self.recorder.take_touched(hour_of(now.minus(SETTLE))).into_iter();
        for (probe, hours) in touched.by_ref() {
            let done = self.sum_up_probe(&probe, &hours, now).await;
            if done.is_ok() {
                caught_up.insert(probe);
            } else {
                self.recorder.touch(probe, hours);
            }
            if !round.goes_on_after(done) {
                break;
            }
        }
        touched.for_each(|(probe, hours)| self.recorder.touch(probe, hours));
        self.caught_up = caught_up;
        round.failed.map_or(Ok(()), Err)
    }

    async fn sum_up_probe(
        &self,
        probe: &ProbeId,
        hours: &BTreeSet<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let left = match hours.first() {
            Some(first) if !self.caught_up.contains(probe) => self.left_behind(probe, *first).await?,
            _ => None,
        };
        let spans = left.into_iter().chain(hours.iter().map(|&hour| Span { from: hour, until: hour.plus(HOUR) }));
        for span in spans {
            if let Some(Span { from, until }) = self.whole_hours(span, now) {
                let query = CheckQuery { from: Some(from), until: Some(until), ..CheckQuery::all_of(probe.clone()) };
                self.store.put_rollups(&roll_up(probe, &self.store.checks(&query).await?)).await?;
            }
        }
        Ok(())
    }

    /// The time before an hour of which a probe may have checks that nobody summed up: from its last roll-up on, which may
    /// be part of a work that was broken off.
    async fn left_behind(&self, probe: &ProbeId, first: Timestamp) -> Result<Option<Span>, StoreError> {
        let last = self.store.last_rollup(probe).await?;
        let from = last.unwrap_or_else(|| first.minus(LOOK_BACK));
        Ok((from < first).then_some(Span { from, until: first }))
    }

    /// The hours of a span of which all checks are there still: the sum of what is left of one would take the place of a
    /// better one.
    fn whole_hours(&self, span: Span, now: Timestamp) -> Option<Span> {
        let kept_from = self.retention.horizon(now).map(first_full_hour);
        let from = kept_from.map_or(span.from, |kept_from| kept_from.max(span.from));
        (from < span.until).then_some(Span { from, ..span })
    }
}

/// The first hour that begins at an instant or after it.
fn first_full_hour(at: Timestamp) -> Timestamp {
    let hour = hour_of(at);
    if hour == at { hour } else { hour.plus(HOUR) }
}

/// How long it is until the next hour can be summed up.
fn until_next(now: Timestamp) -> Duration {
    let this = hour_of(now.minus(SETTLE));
    now.until(this.plus(HOUR).plus(SETTLE))
}

/// How a round over the probes goes.
#[derive(Debug, Default)]
struct Round {
    /// The last failure.
    failed: Option<StoreError>,
    /// How many there were in a row.
    in_a_row: usize,
}

impl Round {
    /// Takes down how it went with a probe; answers whether the next one is worth a try.
    fn goes_on_after(&mut self, done: Result<(), StoreError>) -> bool {
        let Err(error) = done else {
            self.in_a_row = 0;
            return true;
        };
        self.failed = Some(error);
        self.in_a_row += 1;
        self.in_a_row < FEW
    }
}

#[cfg(test)]
#[path = "rollups_tests.rs"]
mod tests;
