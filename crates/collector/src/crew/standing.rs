//! Whether the others count on this collector.
//!
//! It says regularly that it lives. Who has not said so for [`SPAN`] is struck off by the others, who take its targets
//! over. So before a collector writes anything it looks whether its last report still counts: a process that was stopped
//! for a while finds out here that it was, before the store has to tell it. It asks nothing either until it knows;
//! only while no report arrives because the store is away, asking goes on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use unistatus_core::causes::with_causes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Leases, Member, Roll, StoreError};

/// How often a collector says that it lives.
pub(crate) const BEAT: Duration = Duration::from_secs(2);
/// For how long that counts: time for four that are lost.
pub(crate) const SPAN: Duration = Duration::from_secs(10);
/// How long the store may take to answer a report: one that is away is known to be before the last report ends to count.
const ANSWER: Duration = BEAT.saturating_mul(3);

/// Where a collector stands with the others.
#[derive(Debug)]
pub(crate) struct Standing {
    id: String,
    state: watch::Sender<State>,
    /// When it was seen last that a report does not arrive.
    failed: watch::Sender<Option<Instant>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// When the last report that arrived was begun.
    reported: Option<Instant>,
    /// Since when none came late.
    unbroken_since: Option<Instant>,
    /// How often it was doubted that it holds what it believes to: it was not on the roll, or may not have been, or the
    /// store refused a lease of its.
    doubts: u64,
    /// How many of these doubts are settled.
    settled: u64,
    /// How much it asks, in asks an hour.
    load: u64,
    /// Who is on the roll, by id.
    members: Vec<Member>,
    /// Whether it was said that no report arrives.
    is_away: bool,
}

impl Standing {
    /// A collector that nobody knows of yet.
    pub(crate) fn of(id: String) -> Self {
        Self { id, state: watch::Sender::default(), failed: watch::Sender::default() }
    }

    /// What tells it from all others.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Reports, for ever, and strikes those off who do not.
    pub(crate) async fn keep(self: Arc<Self>, store: Arc<dyn Leases>) -> Infallible {
        loop {
            let begun = Instant::now();
            let report =
                async { timeout(ANSWER, self.report(&*store, begun)).await.unwrap_or_else(|_| Err(too_late())) };
            if let Err(error) = report.await {
                self.failed(begun, &error);
            }
            sleep_until(begun + BEAT).await;
        }
    }

    async fn report(&self, store: &dyn Leases, begun: Instant) -> Result<(), StoreError> {
        let me = Member { id: self.id.clone(), load: self.state.borrow().load };
        let mut roll = store.report_in(&me, SPAN, Timestamp::now()).await?;
        if self.may_strike_off(begun) {
            let gone = store.strike_off(Timestamp::now()).await?;
            for id in &gone {
                tracing::warn!(collector = id, "is gone; its targets are taken over");
            }
            roll.members.retain(|member| !gone.contains(&member.id));
        }
        self.reported(begun, roll);
        Ok(())
    }

    /// Whether all had the time to report since the store may have been away: this collector reported for that long.
    fn may_strike_off(&self, now: Instant) -> bool {
        let State { reported, unbroken_since, .. } = *self.state.borrow();
        let is_unbroken = reported.is_some_and(|last| now.duration_since(last) < SPAN);
        is_unbroken && unbroken_since.is_some_and(|since| now.duration_since(since) >= SPAN)
    }

    fn reported(&self, begun: Instant, roll: Roll) {
        self.state.send_modify(|state| {
            let is_late = state.reported.is_none_or(|last| begun.duration_since(last) >= SPAN);
            if is_late || !roll.was_on_it {
                state.unbroken_since = Some(begun);
            }
            if !roll.was_on_it && state.reported.is_some() {
                tracing::warn!("this collector was struck off; it finds out what it still asks");
            }
            if std::mem::take(&mut state.is_away) {
                tracing::info!("the other collectors hear of this one again");
            }
            // Who begins does not know either: it may hold leases from before. Nor who comes late, although it was on the
            // roll: it may be there by a report whose answer was lost.
            if is_late || !roll.was_on_it {
                state.doubts += 1;
            }
            state.reported = Some(begun);
            state.members = roll.members;
        });
    }

    fn failed(&self, begun: Instant, error: &StoreError) {
        self.state.send_if_modified(|state| {
            if !std::mem::replace(&mut state.is_away, true) {
                tracing::warn!(error = with_causes(error), "the other collectors do not hear of this one");
            }
            false
        });
        // One that took longer says nothing about the store: this process was stopped meanwhile.
        if counts(Some(begun)) {
            self.failed.send_replace(Some(Instant::now()));
        }
    }

    /// Says how much it asks.
    pub(crate) fn asks(&self, load: u64) {
        self.state.send_if_modified(|state| {
            state.load = load;
            false
        });
    }

    /// Says that what it holds is not certain.
    pub(crate) fn doubt(&self) {
        self.state.send_modify(|state| state.doubts += 1);
    }

    /// Whether what it holds is not certain: how many doubts there were so far, to be [settled](Self::settle).
    pub(crate) fn in_doubt(&self) -> Option<u64> {
        let state = self.state.borrow();
        (state.doubts > state.settled).then_some(state.doubts)
    }

    /// Says that what it holds is certain again, as far as these doubts go. Those that came meanwhile stay.
    pub(crate) fn settle(&self, doubts: u64) {
        self.state.send_modify(|state| state.settled = doubts);
    }

    /// Waits until the last report counts, and what it holds is certain.
    pub(crate) async fn sure(&self) {
        // An error would mean that this is gone.
        let _ = self.state.subscribe().wait_for(State::is_sure).await;
    }

    /// Waits until [`Self::sure`], or until it is known that the store is away: then asking goes on, as nobody can take
    /// anything over.
    pub(crate) async fn sure_or_alone(&self) {
        let mut failed = self.failed.subscribe();
        tokio::select! {
            biased;
            () = self.sure() => {}
            _ = failed.wait_for(|at| counts(*at)) => {}
        }
    }

    /// Whoever wants to hear of each report.
    pub(crate) fn reports(&self) -> Reports {
        Reports(self.state.subscribe())
    }

    /// Who is on the roll, by id; nobody before the first report.
    pub(crate) fn members(&self) -> Vec<Member> {
        self.state.borrow().members.clone()
    }

    /// One whose reports always count, for tests of what waits for that.
    #[cfg(test)]
    pub(crate) fn undoubted() -> Arc<Self> {
        let standing = Self::of("a".to_owned());
        let far = Instant::now() + Duration::from_hours(24 * 365);
        standing.state.send_modify(|state| state.reported = Some(far));
        Arc::new(standing)
    }
}

impl State {
    fn is_sure(&self) -> bool {
        self.doubts == self.settled && counts(self.reported)
    }
}

/// Whether what was so then still says something.
fn counts(at: Option<Instant>) -> bool {
    at.is_some_and(|at| at.elapsed() < SPAN)
}

/// Each report that arrives, and each doubt.
#[derive(Debug)]
pub(crate) struct Reports(watch::Receiver<State>);

impl Reports {
    /// Waits for the next.
    pub(crate) async fn next(&mut self) {
        // An error would mean that nobody reports any more: then there is nothing to hear.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn too_late() -> StoreError {
    StoreError::Unavailable { message: "a report was not answered in time".to_owned(), source: None }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
