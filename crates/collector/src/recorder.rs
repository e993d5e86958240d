//! Checks on their way to the store.
//!
//! A check is worth little alone, and there are many: they are gathered for a moment and written together. While the
//! store is away they wait, the newest of them, as many as there is room for. Beside that it is remembered in which hours
//! checks were written, for whoever sums those up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use unistatus_core::causes::with_causes;
use unistatus_core::checks::hour_of;
use unistatus_core::schema::{Check, ProbeId, Timestamp};
use unistatus_core::store::Checks;

use crate::crew::standing::Standing;

/// How long checks are gathered.
const LINGER: Duration = Duration::from_millis(500);
/// How many are written at a time.
const BATCH: usize = 1_000;
/// How often a store that is away is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How many may wait: some ten megabytes, a quarter of an hour of a thousand probes asked every ten seconds.
const MOST_WAITING: usize = 100_000;

/// Hours, by their first instants, of each probe.
pub(crate) type Touched = BTreeMap<ProbeId, BTreeSet<Timestamp>>;

/// Checks on their way to the store.
#[derive(Debug, Default)]
pub struct Recorder {
    state: Mutex<State>,
    /// There is something to write.
    ready: Notify,
    /// Everything is written.
    drained: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Check>,
    /// How many of the first ones a writer has in hand.
    in_hand: usize,
    /// How many had to go since the store last took some.
    dropped: u64,
    /// The hours of each probe in which checks were written since those were last summed up.
    touched: Touched,
}

impl Recorder {
    /// Takes a check. Where too many wait, the oldest goes.
    pub fn push(&self, check: Check) {
        let mut state = self.lock();
        if state.waiting.len() >= MOST_WAITING {
            // Not one that is being written: those are the first.
            let oldest = state.in_hand;
            state.waiting.remove(oldest);
            state.dropped += 1;
        }
        state.waiting.push_back(check);
        drop(state);
        self.ready.notify_one();
    }

    /// Waits until everything is written.
    pub async fn drained(&self) {
        loop {
            let drained = self.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if self.lock().waiting.is_empty() {
                return;
            }
            drained.await;
        }
    }

    /// How many are not written yet.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Carries checks to the store, for ever, while this collector is sure of what it holds. Only one may do so. May be
    /// cancelled at any await: what it had in hand is written once more by the next, which changes nothing.
    pub(crate) async fn write(self: Arc<Self>, store: Arc<dyn Checks>, standing: Arc<Standing>) {
        let mut is_away = false;
        loop {
            standing.sure().await;
            let batch = self.take();
            if batch.is_empty() {
                self.drained.notify_waiters();
                self.ready.notified().await;
                tokio::time::sleep(LINGER).await;
                continue;
            }
            let recorded = if is_away { store.record_again(&batch).await } else { store.record(&batch).await };
            match recorded {
                Ok(()) => {
                    is_away = false;
                    self.written(&batch);
                }
                Err(error) if error.is_transient() => {
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(error = with_causes(&error), "checks wait for the database");
                    }
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => {
                    tracing::error!(error = with_causes(&error), checks = batch.len(), "the store refused checks");
                    self.written(&[]);
                }
            }
        }
    }

    /// The hours before this one in which checks were written. They count as summed up from now on.
    pub(crate) fn take_touched(&self, before: Timestamp) -> Touched {
        let mut state = self.lock();
        let mut over = Touched::new();
        state.touched.retain(|probe, hours| {
            let going_on = hours.split_off(&before);
            let ended = std::mem::replace(hours, going_on);
            if !ended.is_empty() {
                over.insert(probe.clone(), ended);
            }
            !hours.is_empty()
        });
        over
    }

    /// Says that these hours of a probe are to be summed up.
    pub(crate) fn touch(&self, probe: ProbeId, hours: BTreeSet<Timestamp>) {
        self.lock().touched.entry(probe).or_default().extend(hours);
    }

    fn take(&self) -> Vec<Check> {
        let mut state = self.lock();
        let batch: Vec<Check> = state.waiting.iter().take(BATCH).cloned().collect();
        state.in_hand = batch.len();
        batch
    }

    /// What is in hand is done with; these were written.
    fn written(&self, checks: &[Check]) {
        let mut state = self.lock();
        let in_hand = std::mem::take(&mut state.in_hand);
        state.waiting.drain(..in_hand);
        for check in checks {
            touch(&mut state.touched, &check.probe, hour_of(check.at));
        }
        let dropped = std::mem::take(&mut state.dropped);
        drop(state);
        if dropped > 0 {
            tracing::warn!(checks = dropped, "were dropped while the database was away");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn touch(touched: &mut Touched, probe: &ProbeId, hour: Timestamp) {
    // Most are known.
    match touched.get_mut(probe) {
        Some(hours) => drop(hours.insert(hour)),
        None => drop(touched.insert(probe.clone(), BTreeSet::from([hour]))),
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
