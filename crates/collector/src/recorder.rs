//! Checks on their way to the store.
//!
//! A check is worth little alone, and there are many: they are gathered for a moment and written together. While the
//! store is away they wait, the newest of them, as many as there is room for; the [journal](crate::journal) has room for
//! more. Beside that it is remembered in which hours
//! checks were written, for whoever sums those up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
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
    waiting: VecDeque<Waiting>,
    /// How many came so far.
    came: u64,
    /// How many of the first ones a writer has in hand.
    in_hand: usize,
    /// How many had to go since the store last took some.
    dropped: u64,
    /// Whether some had to go that are in the journal.
    is_memory_short: bool,
    /// The hours of each probe in which checks were written since those were last summed up.
    touched: Touched,
}

#[derive(Debug)]
struct Waiting {
    check: Check,
    since: Instant,
    /// How many had come before it.
    number: u64,
    /// Whether it is in the journal.
    is_kept: bool,
}

impl State {
    fn push(&mut self, check: Check, is_kept: bool) {
        if self.waiting.len() >= MOST_WAITING {
            // Not one that is being written: those are the first.
            match self.waiting.remove(self.in_hand) {
                Some(Waiting { is_kept: true, .. }) => self.is_memory_short = true,
                _ => self.dropped += 1,
            }
        }
        self.waiting.push_back(Waiting { check, since: Instant::now(), number: self.came, is_kept });
        self.came += 1;
    }
}

impl Recorder {
    /// Takes a check. Where too many wait, the oldest goes.
    pub fn push(&self, check: Check) {
        self.lock().push(check, false);
        self.ready.notify_one();
    }

    /// Takes checks that are in the journal. They may have been written before.
    pub(crate) fn restore(&self, checks: Vec<Check>) {
        let mut state = self.lock();
        for check in checks {
            state.push(check, true);
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Whether there is room for many checks at once, without one having to go for them.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().waiting.len() <= MOST_WAITING / 2
    }

    /// Whether any check waits that is in the journal.
    pub(crate) fn is_any_kept(&self) -> bool {
        self.lock().waiting.iter().any(|waiting| waiting.is_kept)
    }

    /// Whether checks had to go since this was last asked that are in the journal.
    pub(crate) fn take_is_memory_short(&self) -> bool {
        std::mem::take(&mut self.lock().is_memory_short)
    }

    /// How many wait in memory alone.
    pub(crate) fn unkept(&self) -> usize {
        self.lock().waiting.iter().filter(|waiting| !waiting.is_kept).count()
    }

    /// Checks that have waited for so long and are to be kept in the journal, `most` at the most, and which is the last
    /// of them.
    pub(crate) fn to_keep(&self, waited: Duration, most: usize) -> Option<(u64, Vec<Check>)> {
        let state = self.lock();
        let due = state.waiting.iter().filter(|waiting| !waiting.is_kept && waiting.since.elapsed() >= waited);
        let due: Vec<&Waiting> = due.take(most).collect();
        let last = due.last()?.number;
        Some((last, due.into_iter().map(|waiting| waiting.check.clone()).collect()))
    }

    /// Says that the checks up to this one are kept in the journal.
    pub(crate) fn are_kept(&self, last: u64) {
        let mut state = self.lock();
        state
            .waiting
            .iter_mut()
            .take_while(|waiting| waiting.number <= last)
            .for_each(|waiting| waiting.is_kept = true);
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
            let (batch, is_kept) = self.take();
            if batch.is_empty() {
                self.drained.notify_waiters();
                self.ready.notified().await;
                tokio::time::sleep(LINGER).await;
                continue;
            }
            // What is in the journal may have been written by an earlier process.
            let recorded =
                if is_away || is_kept { store.record_again(&batch).await } else { store.record(&batch).await };
            match recorded {
                Ok(()) => {
                    is_away = false;
                    self.written(&batch);
                }
                Err(error) if error.is_about_the_database() => {
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

    /// Takes the first ones in hand; says whether any of them is in the journal.
    fn take(&self) -> (Vec<Check>, bool) {
        let mut state = self.lock();
        let first = state.waiting.iter().take(BATCH);
        let is_kept = first.clone().any(|waiting| waiting.is_kept);
        let batch: Vec<Check> = first.map(|waiting| waiting.check.clone()).collect();
        state.in_hand = batch.len();
        (batch, is_kept)
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
pub(crate) mod tests;
