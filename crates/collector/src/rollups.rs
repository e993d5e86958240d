//! How the checks of an hour are summed up, once it is over.

use std::collections::BTreeMap;
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
    let mut left: BTreeMap<String, Timestamp> = recorder.take_touched(end);
    while let Some((target, first)) = left.pop_first() {
        if let Err(error) = sum_up_target(store, &target, first, end).await {
            recorder.touch(&target, first);
            for (target, first) in left {
                recorder.touch(&target, first);
            }
            return Err(error);
        }
    }
    Ok(())
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
