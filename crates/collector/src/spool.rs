//! Carries to the journal what waits too long for the store, and empties the journal once nothing does.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use unistatus_core::causes::with_causes;

use crate::backlog::{Backlog, Whereabouts};
use crate::journal::{Journal, Kept};
use crate::monitor::Monitor;
use crate::recorder::Recorder;

/// How often it is looked what waits.
const TICK: Duration = Duration::from_millis(250);
/// How long changes may wait for the store before they are kept. A store that is there takes them sooner.
const CHANGES: Duration = Duration::from_millis(500);
/// The same of checks, which are gathered first.
const CHECKS: Duration = Duration::from_secs(2);
/// How many changes are kept at a time, and on the disk before the next ones.
const MOST_CHANGES: usize = 100;
/// The same of checks.
const MOST_CHECKS: usize = 5_000;
/// How often a disk that fails is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Carries to the journal what waits too long. Only one may do so.
#[derive(Debug)]
pub(crate) struct Spool {
    journal: Arc<Mutex<Journal>>,
    backlog: Arc<Backlog>,
    recorder: Arc<Recorder>,
    monitor: Arc<Monitor>,
    /// The journal may have checks that are not in memory.
    has_more_checks: bool,
    /// The segment of the journal whose checks the recorder was given.
    given: Option<u64>,
    /// What happened since the journal was last empty.
    told: Told,
}

/// What was told since the journal was last empty, or is to be told in the end.
#[derive(Debug, Default)]
struct Told {
    is_used: bool,
    is_failing: bool,
    dropped_checks: usize,
    unkept_changes: usize,
}

impl Spool {
    /// Carries to this journal what waits here. What an earlier process left in it is put where it waits.
    pub(crate) fn new(
        mut journal: Journal,
        backlog: Arc<Backlog>,
        recorder: Arc<Recorder>,
        monitor: Arc<Monitor>,
    ) -> Self {
        let left = journal.take_left();
        let has_more_checks = journal.has_checks();
        if !left.is_empty() || has_more_checks {
            let changes = left.values().flatten().filter(|commit| commit.change.is_some()).count();
            tracing::info!(
                changes,
                bytes = journal.bytes(),
                "the journal has what was not written before; it comes first"
            );
        }
        for (target, commits) in left {
            backlog.restore(target, commits);
        }
        monitor.journal_may_take(journal.limit());
        let told = Told { is_used: journal.bytes() > 0, ..Told::default() };
        Self { journal: Arc::new(Mutex::new(journal)), backlog, recorder, monitor, has_more_checks, given: None, told }
    }

    /// Works until `stop`, and then keeps all that is not written yet.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = if self.told.is_failing { RETRY } else { TICK };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => self.work(CHANGES, CHECKS).await,
            }
        }
        self.work(Duration::ZERO, Duration::ZERO).await;
    }

    /// Keeps what has waited for so long, and lets go of what is written.
    async fn work(&mut self, changes: Duration, checks: Duration) {
        let work = async {
            self.keep_changes(changes).await?;
            self.keep_checks(checks).await?;
            self.let_changes_go().await?;
            self.let_checks_go().await
        };
        match work.await {
            Ok(()) => self.told.is_failing = false,
            Err(error) => {
                if !std::mem::replace(&mut self.told.is_failing, true) {
                    tracing::error!(error = with_causes(&error), "the journal fails; what waits is in memory alone");
                }
            }
        }
        let is_empty = {
            let journal = self.lock();
            self.monitor.journal_takes(journal.bytes());
            !journal.has_changes() && !journal.has_checks()
        };
        if is_empty && self.told.is_used {
            self.told.tell_end();
            self.told = Told { is_failing: self.told.is_failing, ..Told::default() };
        }
    }

    async fn keep_changes(&mut self, waited: Duration) -> io::Result<()> {
        loop {
            let commits = self.backlog.to_keep(waited, MOST_CHANGES);
            if commits.is_empty() {
                return Ok(());
            }
            let keep = move |journal: &mut Journal| journal.keep_changes(&commits).map(|kept| (kept, commits));
            let (kept, commits) = self.on_disk(keep).await?;
            let (first, rest) = commits.split_at(kept.first);
            self.backlog.are_in(Whereabouts::Journal, first);
            self.backlog.are_in(Whereabouts::NoRoom, rest);
            let unkept = rest.iter().filter(|commit| commit.change.is_some()).count();
            self.tell(kept.dropped_checks, unkept);
        }
    }

    async fn keep_checks(&mut self, waited: Duration) -> io::Result<()> {
        while let Some((last, checks)) = self.recorder.to_keep(waited, MOST_CHECKS) {
            let keep = move |journal: &mut Journal| journal.keep_checks(&checks).map(|kept| (kept, checks.len()));
            let (Kept { first, dropped_checks }, all) = self.on_disk(keep).await?;
            // Also those for which there is no room: nobody tries them again.
            self.recorder.are_kept(last);
            self.tell(dropped_checks + (all - first), 0);
        }
        Ok(())
    }

    /// Empties the journal of commits once none waits that is in it.
    async fn let_changes_go(&mut self) -> io::Result<()> {
        if self.lock().has_changes() && !self.backlog.is_any_kept() {
            self.on_disk(Journal::clear_changes).await?;
            self.backlog.has_room();
        }
        Ok(())
    }

    /// Empties the journal of checks once none waits that is in it. Those that are not in memory are given to the recorder
    /// before, a segment at a time, the oldest first.
    async fn let_checks_go(&mut self) -> io::Result<()> {
        if !self.lock().has_checks() || self.recorder.is_any_kept() || !self.recorder.has_room() {
            return Ok(());
        }
        if self.recorder.take_is_memory_short() {
            self.has_more_checks = true;
        } else if let Some(segment) = self.given {
            self.on_disk(move |journal| journal.remove_checks(segment)).await?;
        }
        self.given = None;
        if !self.has_more_checks {
            return self.on_disk(Journal::clear_checks).await;
        }
        match self.on_disk(Journal::oldest_checks).await? {
            Some((segment, checks)) => {
                self.recorder.restore(checks);
                self.given = Some(segment);
            }
            None => self.has_more_checks = false,
        }
        Ok(())
    }

    /// Does what waits for the disk, on a thread for that.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Journal) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let journal = Arc::clone(&self.journal);
        let work = move || work(&mut journal.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    }

    fn lock(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what the journal had no room for, and says so for the first time.
    fn tell(&mut self, dropped_checks: usize, unkept_changes: usize) {
        if !std::mem::replace(&mut self.told.is_used, true) {
            tracing::warn!("the database does not take all in time; what waits is kept in the journal");
        }
        self.monitor.journal_dropped(dropped_checks, unkept_changes);
        if dropped_checks > 0 && self.told.dropped_checks == 0 {
            tracing::warn!(checks = dropped_checks, "the journal is full; its oldest checks make room");
        }
        if unkept_changes > 0 && self.told.unkept_changes == 0 {
            tracing::error!(changes = unkept_changes, "the journal is full; changes wait in memory alone");
        }
        self.told.dropped_checks += dropped_checks;
        self.told.unkept_changes += unkept_changes;
    }
}

impl Told {
    /// Says that the journal is empty again, and what it had no room for.
    fn tell_end(&self) {
        let (dropped_checks, unkept_changes) = (self.dropped_checks, self.unkept_changes);
        tracing::info!(dropped_checks, unkept_changes, "the journal is empty again: what it kept is written");
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
