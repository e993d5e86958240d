//! How the checks of an hour are summed up, once it is over.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use unistatus_core::causes::with_causes;
use unistatus_core::checks::{hour_of, roll_up};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{CheckQuery, Store, StoreError};

use crate::recorder::Recorder;

/// How long after the end of an hour its last checks are written for sure, if the store is there.
const SETTLE: Duration = Duration::from_mins(1);
/// How soon it is tried again where the store could not do it.
const RETRY: Duration = Duration::from_mins(1);
/// After so many failures in a row it is the store that fails, and not the targets.
const FEW: usize = 3;
/// How much is read at a time.
const DAY: Duration = Duration::from_hours(24);

/// Sums up each hour of each target that has checks, until `stop`: those that this process writes, and those that an
/// earlier one left.
pub(crate) async fn roll_up_hours(store: Arc<dyn Store>, recorder: Arc<Recorder>, stop: CancellationToken) {
    let mut is_told = false;
    loop {
        let done = async {
            if !is_told {
                tell_what_was_left(store.as_ref(), &recorder, Timestamp::now()).await?;
                is_told = true;
            }
            sum_up(store.as_ref(), &recorder, Timestamp::now()).await
        };
        let pause = match done.await {
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

/// How long it is until the next hour can be summed up.
fn until_next(now: Timestamp) -> Duration {
    let this = hour_of(now.minus(SETTLE));
    now.until(this.plus(Duration::from_hours(1)).plus(SETTLE))
}

/// Has the hours summed up that an earlier process did not get to: from the last one that is there, which may be part of
/// a work that was broken off; those of a day where none is.
async fn tell_what_was_left(store: &dyn Store, recorder: &Recorder, now: Timestamp) -> Result<(), StoreError> {
    let last = store.last_rollup().await?.unwrap_or_else(|| hour_of(now.minus(DAY)));
    for target in store.targets().await?.iter().filter(|target| target.kind.is_probe()) {
        recorder.touch(&target.name, last);
    }
    Ok(())
}

/// Sums up the hours that are over.
async fn sum_up(store: &dyn Store, recorder: &Recorder, now: Timestamp) -> Result<(), StoreError> {
    let end = hour_of(now.minus(SETTLE));
    let mut round = Round::default();
    let mut touched = recorder.take_touched(end).into_iter();
    for (target, first) in touched.by_ref() {
        let done = sum_up_target(store, &target, first, end).await;
        if done.is_err() {
            recorder.touch(&target, first);
        }
        if !round.goes_on_after(done) {
            break;
        }
    }
    touched.for_each(|(target, first)| recorder.touch(&target, first));
    round.failed.map_or(Ok(()), Err)
}

/// How a round over the targets goes. One that fails keeps no other from its turn, unless it is the store that fails.
#[derive(Debug, Default)]
struct Round {
    /// The last failure.
    failed: Option<StoreError>,
    /// How many there were in a row.
    in_a_row: usize,
}

impl Round {
    /// Takes down how it went with a target; answers whether the next one is worth a try.
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

async fn sum_up_target(store: &dyn Store, target: &str, first: Timestamp, end: Timestamp) -> Result<(), StoreError> {
    let mut from = first;
    while from < end {
        let until = from.plus(DAY).min(end);
        let query = CheckQuery { target: target.to_owned(), from: Some(from), until: Some(until), limit: None };
        store.put_rollups(&roll_up(target, &store.checks(&query).await?)).await?;
        from = until;
    }
    Ok(())
}

#[cfg(test)]
#[path = "rollups_tests.rs"]
mod tests;
