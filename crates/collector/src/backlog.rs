//! Commits on their way to the store.
//!
//! Asking never waits for the database: each commit goes into its target's queue here and a few writers carry the
//! queues to the store, each target's commits in order. While the store is away the queues wait, and only what changed
//! is kept: a commit that brings nothing but health gives way to the next one. What waits for long, the
//! [journal](crate::journal) keeps, too. Where somebody else wrote a target meanwhile, what was seen of it enters its
//! history late, as the module `late` has it.

mod late;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use unistatus_core::store::{Commit, Store, StoreError};

use self::late::Run;
use crate::crew::standing::Standing;

/// How often a store that is away is asked whether it is back.
const PROBE: Duration = Duration::from_millis(500);

/// Commits on their way to the store.
#[derive(Debug, Default)]
pub struct Backlog {
    queues: Mutex<Queues>,
    /// A queue became ready to be written.
    ready: Notify,
    /// A queue became empty, or the last run entered.
    drained: Notify,
    /// A run is to enter.
    refused: Notify,
}

#[derive(Debug, Default)]
struct Queues {
    by_target: BTreeMap<String, Queue>,
    /// Targets with something to write that no writer has in hand.
    ready: VecDeque<String>,
    /// What is to enter late.
    late: Vec<Run>,
    /// Whether the store is known to be away.
    is_away: bool,
}

#[derive(Debug, Default)]
struct Queue {
    commits: VecDeque<Waiting>,
    /// A writer has the first commit in hand.
    in_hand: bool,
    /// Its commits are left from before: by an earlier process, or by this one, which lost the lease since. Nothing may be
    /// added until they are written or refused.
    is_left: bool,
    /// A commit was refused, and what is known of the target was not read anew since.
    is_outrun: bool,
}

#[derive(Debug)]
struct Waiting {
    commit: Commit,
    since: Instant,
    place: Whereabouts,
}

/// Where a commit is that is not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// In memory alone.
    Memory,
    /// In memory and in the journal.
    Journal,
    /// In memory alone, because the journal is full.
    NoRoom,
}

/// The store refused a commit of the target: its state is not the one that commits were made for. Mostly, somebody
/// else wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outrun;

impl Backlog {
    /// Queues a commit behind its target's earlier ones.
    ///
    /// # Errors
    /// [`Outrun`] from the moment a commit of the target was refused until [`Backlog::caught_up`], and while anything of it
    /// waits that is left from before.
    pub fn push(&self, commit: Commit) -> Result<(), Outrun> {
        let mut queues = self.lock();
        let queue = queues.by_target.entry(commit.target.clone()).or_default();
        if queue.is_outrun || queue.is_left {
            return Err(Outrun);
        }
        let settled = usize::from(queue.in_hand);
        let gives_way = queue.commits.len() > settled
            && queue
                .commits
                .back()
                .is_some_and(|Waiting { commit: last, .. }| !is_lasting(last) && last.base == commit.base);
        if gives_way {
            queue.commits.pop_back();
        }
        let target = commit.target.clone();
        queue.commits.push_back(Waiting { commit, since: Instant::now(), place: Whereabouts::Memory });
        if !queue.in_hand && queue.commits.len() == 1 && !queues.ready.contains(&target) {
            queues.ready.push_back(target);
        }
        drop(queues);
        self.ready.notify_one();
        Ok(())
    }

    /// Queues the commits of a target that an earlier process left in the journal, in order. Nothing may be asked of the
    /// target before they are [written](Self::written): what the store knows of it then comes after them.
    pub(crate) fn restore(&self, target: String, commits: Vec<Commit>) {
        if commits.is_empty() {
            return;
        }
        let since = Instant::now();
        let commits =
            commits.into_iter().map(|commit| Waiting { commit, since, place: Whereabouts::Journal }).collect();
        let mut queues = self.lock();
        let queue = Queue { commits, in_hand: false, is_left: true, is_outrun: false };
        queues.by_target.insert(target.clone(), queue);
        queues.ready.push_back(target);
        drop(queues);
        self.ready.notify_one();
    }

    /// Waits until nothing of a target waits to be written. What was refused may wait to enter late.
    pub(crate) async fn written(&self, target: &str) {
        let is_written = |queue: &Queue| queue.commits.is_empty() && !queue.is_left;
        self.drained_of(|queues| queues.by_target.get(target).is_none_or(is_written)).await;
    }

    /// Whether anything waits to be written that is left from before.
    pub(crate) fn has_left(&self) -> bool {
        self.lock().by_target.values().any(|queue| queue.is_left)
    }

    /// Whether the store refused a commit of the target: then what is known of it has to be read anew, and what was
    /// queued for it enters late.
    pub fn is_outrun(&self, target: &str) -> bool {
        self.lock().by_target.get(target).is_some_and(|queue| queue.is_outrun)
    }

    /// Says that what is known of the target was read anew.
    pub fn caught_up(&self, target: &str) {
        if let Some(queue) = self.lock().by_target.get_mut(target) {
            queue.is_outrun = false;
        }
    }

    /// How many commits that change something are not written yet.
    pub fn pending_changes(&self) -> usize {
        self.count(|waiting| waiting.commit.change.is_some())
    }

    /// How many of those are in memory alone.
    pub(crate) fn unkept_changes(&self) -> usize {
        self.count(|waiting| waiting.commit.change.is_some() && waiting.place != Whereabouts::Journal)
    }

    /// Whether any commit waits that is in the journal.
    pub(crate) fn is_any_kept(&self) -> bool {
        self.count(|waiting| waiting.place == Whereabouts::Journal) > 0
    }

    /// Commits that have waited for so long and are to be kept in the journal: of each target in order, none before one
    /// that comes earlier, and `most` at the most.
    pub(crate) fn to_keep(&self, waited: Duration, most: usize) -> Vec<Commit> {
        // Those behind one that is not kept would be of no use.
        let has_room = |waiting: &&Waiting| waiting.place != Whereabouts::NoRoom;
        let queues = self.lock();
        let late = queues.late.iter().flat_map(|run| run.changes.iter().take_while(has_room));
        let in_order =
            late.chain(queues.by_target.values().flat_map(|queue| queue.commits.iter().take_while(has_room)));
        let due = in_order.filter(|waiting| {
            waiting.place == Whereabouts::Memory && is_lasting(&waiting.commit) && waiting.since.elapsed() >= waited
        });
        due.take(most).map(|waiting| waiting.commit.clone()).collect()
    }

    /// Says where these commits are, as far as they still wait.
    pub(crate) fn are_in(&self, place: Whereabouts, commits: &[Commit]) {
        let Queues { by_target, late, .. } = &mut *self.lock();
        for commit in commits {
            let queue = by_target.get_mut(&commit.target).into_iter().flat_map(|queue| &mut queue.commits);
            if let Some(waiting) = queue
                .chain(late.iter_mut().flat_map(|run| &mut run.changes))
                .find(|waiting| waiting.commit.id == commit.id)
            {
                waiting.place = place;
            }
        }
    }

    /// Says that the journal was emptied: what had no room there may have some now.
    pub(crate) fn has_room(&self) {
        let Queues { by_target, late, .. } = &mut *self.lock();
        let queues = by_target.values_mut().flat_map(|queue| &mut queue.commits);
        for waiting in queues.chain(late.iter_mut().flat_map(|run| &mut run.changes)) {
            waiting.place = Whereabouts::Memory;
        }
    }

    /// Waits until everything is written, or has entered late; but not for what came too early for that.
    pub async fn drained(&self) {
        let is_written = |queues: &Queues| queues.by_target.values().all(|queue| queue.commits.is_empty());
        let is_drained = |queues: &Queues| is_written(queues) && queues.late.iter().all(|run| run.is_early);
        self.drained_of(is_drained).await;
    }

    /// Waits for something that only becomes so when a queue becomes empty, or the last run entered.
    async fn drained_of(&self, is_drained: impl Fn(&Queues) -> bool) {
        loop {
            let drained = self.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if is_drained(&self.lock()) {
                return;
            }
            drained.await;
        }
    }

    /// Says that the lease of a target was taken anew: what waits is written under the new token.
    pub(crate) fn renew(&self, target: &str, token: u64) {
        if let Some(queue) = self.lock().by_target.get_mut(target) {
            let commits = queue.commits.iter_mut().map(|waiting| &mut waiting.commit);
            for commit in commits.filter(|commit| commit.fence.is_some()) {
                commit.fence = Some(token);
            }
        }
    }

    /// Says that somebody else may ask a target by now. What waits of it may have been written all the same, and the store
    /// knows that; what was not it refuses.
    pub(crate) fn lost(&self, target: &str) {
        if let Some(queue) = self.lock().by_target.get_mut(target) {
            queue.is_left = !queue.commits.is_empty();
            queue.is_outrun = false;
        }
    }

    /// Carries commits to the store, for ever, while this collector is sure of what it holds. May be cancelled at any
    /// await: a commit in hand is written again by the next writer, which changes nothing if it had arrived.
    pub(crate) async fn write(self: Arc<Self>, store: Arc<dyn Store>, standing: Arc<Standing>) {
        loop {
            standing.sure().await;
            let Some(in_hand) = self.take() else {
                self.ready.notified().await;
                continue;
            };
            match in_hand.carry(store.as_ref()).await {
                Ok(Carried::Written) => in_hand.written(),
                Ok(Carried::Overtaken) => in_hand.overtaken("it was heard since"),
                Err(error @ StoreError::Fenced { .. }) => {
                    // Of what is left that is no news.
                    if !in_hand.is_left {
                        standing.doubt();
                    }
                    in_hand.overtaken(&error);
                }
                Err(error @ StoreError::Conflict { .. }) => in_hand.overtaken(&error),
                // Put back behind the others: what keeps one target from being written need not concern all.
                Err(error) if error.is_about_the_database() => self.wait_for(store.as_ref(), &error).await,
                Err(error) => in_hand.refused(&error),
            }
        }
    }

    /// Takes the first commit of a ready queue in hand.
    fn take(&self) -> Option<InHand<'_>> {
        let mut queues = self.lock();
        let target = queues.ready.pop_front()?;
        let more = !queues.ready.is_empty();
        let queue = queues.by_target.get_mut(&target)?;
        let commit = queue.commits.front()?.commit.clone();
        let is_left = queue.is_left;
        queue.in_hand = true;
        drop(queues);
        if more {
            // One notification may stand for several pushes.
            self.ready.notify_one();
        }
        Some(InHand { backlog: self, commit, is_left })
    }

    /// Waits until the store answers again; says once that it is away.
    async fn wait_for(&self, store: &dyn Store, error: &StoreError) {
        if !std::mem::replace(&mut self.lock().is_away, true) {
            tracing::warn!(%error, "the database is away; asking goes on, changes are kept");
        }
        loop {
            tokio::time::sleep(PROBE).await;
            if store.ping().await.is_ok() {
                return;
            }
        }
    }

    fn count(&self, is_one: impl Fn(&Waiting) -> bool) -> usize {
        self.lock().waiting().filter(|waiting| is_one(waiting)).count()
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    /// All that waits.
    fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.by_target.values().flat_map(|queue| &queue.commits).chain(self.late.iter().flat_map(|run| &run.changes))
    }
}

impl Queue {
    /// Takes the first commits out that are made each on top of the one before.
    fn take_run(&mut self) -> Vec<Waiting> {
        let mut run: Vec<Waiting> = Vec::new();
        let is_next =
            |run: &[Waiting], next: &Waiting| run.last().is_none_or(|last| last.commit.revision() == next.commit.base);
        while let Some(next) = self.commits.pop_front_if(|next| is_next(&run, next)) {
            run.push(next);
        }
        run
    }
}

/// What became of a commit that was carried to the store.
enum Carried {
    /// It is written.
    Written,
    /// It is not to be written: somebody else heard the target since.
    Overtaken,
}

/// A commit that a writer has in hand: the first one of its queue, which it leaves once it is written. However the
/// writer ends, the queue can be taken in hand again.
struct InHand<'a> {
    backlog: &'a Backlog,
    commit: Commit,
    is_left: bool,
}

impl InHand<'_> {
    fn written(self) {
        let mut queues = self.backlog.lock();
        if let Some(queue) = queues.by_target.get_mut(&self.commit.target) {
            queue.commits.pop_front();
        }
        // Said by a write, not by a mere answer: a database may answer long before it takes writes.
        let is_back = std::mem::take(&mut queues.is_away);
        drop(queues);
        if is_back {
            tracing::info!(changes = self.backlog.pending_changes(), "the database is back; writing what was kept");
        }
    }

    /// Carries it to the store. What is left from before is not to be written over what was heard since, also where that
    /// changed nothing.
    async fn carry(&self, store: &dyn Store) -> Result<Carried, StoreError> {
        if self.is_left && self.commit.change.is_some() && self.was_heard_since(store).await? {
            return Ok(Carried::Overtaken);
        }
        store.commit(&self.commit).await.map(|_| Carried::Written)
    }

    async fn was_heard_since(&self, store: &dyn Store) -> Result<bool, StoreError> {
        let Commit { target, base, health, .. } = &self.commit;
        match store.target(target).await {
            // At another revision it may be written already, which only the store can tell.
            Ok(Some(state)) => Ok(state.revision == *base && state.health.last_success > Some(health.last_attempt)),
            Err(error) if error.is_transient() => Err(error),
            Ok(None) | Err(_) => Ok(false),
        }
    }

    /// Somebody else has the target by now: what was seen of it is to enter its history.
    fn overtaken(self, why: impl Display) {
        let late = {
            let mut queues = self.backlog.lock();
            let run = self.taken_out(&mut queues);
            let changes: Vec<Waiting> = run.into_iter().filter(|waiting| waiting.commit.change.is_some()).collect();
            let late = changes.len();
            if late > 0 {
                // Under the same lock: whoever looks what is in the journal sees them all the time.
                queues.late.push(Run { changes, is_early: false });
            }
            late
        };
        tracing::info!(target = self.commit.target, %why, changes = late, "written by somebody else");
        self.backlog.refused.notify_one();
    }

    /// The store will never take it.
    fn refused(self, error: &StoreError) {
        let run = self.taken_out(&mut self.backlog.lock());
        let lost = run.iter().filter(|waiting| waiting.commit.change.is_some()).count();
        tracing::error!(target = self.commit.target, %error, changes = lost, "the store refused a commit");
    }

    /// Takes it out of its queue with all that was made on top of it.
    fn taken_out(&self, queues: &mut Queues) -> Vec<Waiting> {
        let Some(queue) = queues.by_target.get_mut(&self.commit.target) else { return Vec::new() };
        if queue.is_left && self.commit.change.is_none() {
            // It is of a state that is past, perhaps because those behind it were written before.
            return queue.commits.pop_front().into_iter().collect();
        }
        // Of what was left nobody knows: whoever asks reads what the store has.
        queue.is_outrun = !queue.is_left;
        queue.take_run()
    }
}

/// Whether a commit brings anything that is worth more than the moment.
fn is_lasting(commit: &Commit) -> bool {
    commit.change.is_some() || commit.gap.is_some()
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let mut queues = self.backlog.lock();
        let Some(queue) = queues.by_target.get_mut(&self.commit.target) else { return };
        queue.in_hand = false;
        if queue.commits.is_empty() {
            queue.is_left = false;
            self.backlog.drained.notify_waiters();
        } else {
            queues.ready.push_back(self.commit.target.clone());
            self.backlog.ready.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "backlog_tests.rs"]
pub(crate) mod tests;
