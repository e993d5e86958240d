//! The backlog over a store in memory that fails on demand. The clock is tokio's and stands still.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use unistatus_core::schema::{About, Event, Incident, Kind, Status, Timestamp};
use unistatus_core::store::testkit::{Author, at, health, service};
use unistatus_core::store::{
    EventQuery, Health, History, IncidentQuery, Late, Outcome, Past, Place, Placed, Retention, States, TargetIncident,
    TargetState, Watch, Window,
};

use super::*;
use crate::monitor::Monitor;

/// What the store does with a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Writes,
    /// Answers, but takes nothing of this target.
    WritesAllBut(&'static str),
    IsAway,
    /// Answers, and lets this user write nothing.
    LetsNobodyIn,
    Conflicts,
}

/// Keeps what it is given; each write takes a permit.
#[derive(Debug)]
pub(crate) struct ScriptedStore {
    mood: Mutex<Mood>,
    written: Mutex<Vec<Commit>>,
    /// The ids of each run that entered late.
    late: Mutex<Vec<Vec<String>>>,
    /// What it says of a target: who asks is answered.
    state: Mutex<Option<TargetState>>,
    /// How often a commit was begun.
    begun: AtomicUsize,
    /// How often it was asked whether it is there.
    pings: AtomicUsize,
    permits: Semaphore,
    /// The ids of commits that it refuses.
    refused: Mutex<BTreeSet<String>>,
    /// The targets that a commit is being written of.
    busy: Mutex<BTreeMap<String, usize>>,
}

impl ScriptedStore {
    pub(crate) fn in_mood(mood: Mood) -> Arc<Self> {
        Arc::new(Self {
            mood: Mutex::new(mood),
            written: Mutex::default(),
            late: Mutex::default(),
            state: Mutex::default(),
            begun: AtomicUsize::new(0),
            pings: AtomicUsize::new(0),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
            refused: Mutex::default(),
            busy: Mutex::default(),
        })
    }

    /// A store that begins to write and does not end.
    pub(crate) fn stuck() -> Arc<Self> {
        let store = Self::in_mood(Mood::Writes);
        store.permits.forget_permits(Semaphore::MAX_PERMITS);
        store
    }

    pub(crate) fn turn(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    /// The ids of the commits of a target that were written, in order.
    pub(crate) fn written(&self, target: &str) -> Vec<String> {
        let written = self.written.lock().unwrap();
        written.iter().filter(|commit| commit.target == target).map(|commit| commit.id.clone()).collect()
    }

    /// Refuses a commit from now on: somebody else wrote its target.
    pub(crate) fn refuse(&self, id: &str) {
        self.refused.lock().unwrap().insert(id.to_owned());
    }

    /// The ids of the commits that entered late, run by run.
    pub(crate) fn late(&self) -> Vec<Vec<String>> {
        self.late.lock().unwrap().clone()
    }
}

#[async_trait]
impl States for ScriptedStore {
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let _permit = self.permits.acquire().await.unwrap();
        let at_once = {
            let mut busy = self.busy.lock().unwrap();
            let at_once = busy.entry(commit.target.clone()).or_default();
            *at_once += 1;
            *at_once
        };
        assert_eq!(at_once, 1, "two commits of {} at once", commit.target);
        tokio::task::yield_now().await;
        self.busy.lock().unwrap().remove(&commit.target);
        match self.mood() {
            Mood::IsAway => Err(cut_off()),
            Mood::LetsNobodyIn => Err(StoreError::Unsuitable("the test lets nobody in".to_owned())),
            Mood::WritesAllBut(target) if commit.target == target => Err(cut_off()),
            Mood::Conflicts => Err(conflict(commit)),
            _ if self.refused.lock().unwrap().contains(&commit.id) => Err(conflict(commit)),
            Mood::Writes | Mood::WritesAllBut(_) => {
                let mut written = self.written.lock().unwrap();
                if written.iter().any(|known| known.id == commit.id) {
                    return Ok(Outcome::AlreadyApplied);
                }
                written.push(commit.clone());
                Ok(Outcome::Applied)
            }
        }
    }

    async fn enter_late(&self, commits: &[Commit]) -> Result<Late, StoreError> {
        match self.mood() {
            Mood::IsAway | Mood::LetsNobodyIn => Err(cut_off()),
            Mood::Conflicts => Ok(Late::TooEarly),
            Mood::Writes | Mood::WritesAllBut(_) => {
                self.late.lock().unwrap().push(ids(commits));
                Ok(Late::Entered { added: commits.len(), overtaken: 0 })
            }
        }
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        Ok(Vec::new())
    }

    async fn target(&self, _: &str) -> Result<Option<TargetState>, StoreError> {
        Ok(self.state.lock().unwrap().clone())
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        Ok(BTreeSet::new())
    }

    async fn targets_named(&self, _: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl History for ScriptedStore {
    async fn events(&self, _: &str) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    async fn incidents(&self, _: &str) -> Result<Vec<Incident>, StoreError> {
        Ok(Vec::new())
    }

    async fn find_events(&self, _: &EventQuery) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    async fn find_incidents(&self, _: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        Ok(Vec::new())
    }

    async fn past(&self, _: &Window) -> Result<Past, StoreError> {
        Ok(Past::default())
    }

    async fn events_behind(&self, _: &Place, _: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        Ok(None)
    }

    async fn retain(&self, _: Retention, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
}

unistatus_core::store_without_more!(ScriptedStore);

#[async_trait]
impl Store for ScriptedStore {
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        Err(StoreError::Unsuitable("nobody watches it".to_owned()))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.pings.fetch_add(1, Ordering::Relaxed);
        if self.mood() == Mood::IsAway { Err(cut_off()) } else { Ok(()) }
    }

    async fn close(&self) {}
}

fn conflict(commit: &Commit) -> StoreError {
    StoreError::Conflict { target: commit.target.clone(), expected: commit.base, found: 99 }
}

fn cut_off() -> StoreError {
    StoreError::Unavailable { message: "the test cut it off".to_owned(), source: None }
}

/// Writers, and who lets enter what came late. They end with this.
pub(crate) fn writers(count: usize, backlog: &Arc<Backlog>, store: &Arc<ScriptedStore>) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    let monitor = Arc::new(Monitor::new().unwrap());
    writers.spawn(Arc::clone(backlog).enter_late(Arc::clone(store) as Arc<dyn Store>, monitor));
    for _ in 0..count {
        let store: Arc<dyn Store> = Arc::clone(store) as _;
        writers.spawn(Arc::clone(backlog).write(store, Standing::undoubted()));
    }
    writers
}

pub(crate) fn changed(author: &mut Author) -> Commit {
    author.change(vec![service("a", Status::Ok)])
}

pub(crate) fn ids(commits: &[Commit]) -> Vec<String> {
    commits.iter().map(|commit| commit.id.clone()).collect()
}

/// Waits until something is so. The clock stands still while anybody has anything to do.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it never came to be so");
}

#[tokio::test(start_paused = true)]
async fn the_commits_of_a_target_are_written_one_by_one_and_in_order() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::Writes));
    let _writers = writers(4, &backlog, &store);
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut authors: Vec<Author> = (0..20).map(|number| Author::new(&format!("target-{number}"))).collect();
    for round in 0..10 {
        for author in &mut authors {
            let commit = changed(author);
            expected.entry(commit.target.clone()).or_default().push(commit.id.clone());
            backlog.push(commit).unwrap();
        }
        if round % 3 == 0 {
            tokio::task::yield_now().await;
        }
    }
    backlog.drained().await;
    for (target, ids) in expected {
        assert_eq!(store.written(&target), ids, "{target}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_health_alone_gives_way_to_the_next_one_and_a_change_never_does() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::Writes));
    let mut author = Author::new("a");
    let first = changed(&mut author);
    let [one, two] = [author.healthy(at(1)), author.healthy(at(2))];
    let second = changed(&mut author);
    let [three, four] = [author.healthy(at(3)), author.healthy(at(4))];
    for commit in [&first, &one, &two, &second, &three, &four] {
        backlog.push(commit.clone()).unwrap();
    }
    assert_eq!(backlog.pending_changes(), 2);
    let _writers = writers(2, &backlog, &store);
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&[first, second, four]));
}

#[tokio::test(start_paused = true)]
async fn a_commit_in_hand_does_not_give_way() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::stuck());
    let _writers = writers(2, &backlog, &store);
    let author = Author::at("a", 1);
    let [one, two, three] = [author.healthy(at(1)), author.healthy(at(2)), author.healthy(at(3))];
    backlog.push(one.clone()).unwrap();
    until(|| store.begun() == 1).await;
    backlog.push(two).unwrap();
    backlog.push(three.clone()).unwrap();
    store.permits.add_permits(100);
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&[one, three]));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_sets_aside_what_is_queued_until_the_state_was_read_anew() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::stuck());
    let _writers = writers(2, &backlog, &store);
    let (mut author, mut other) = (Author::new("a"), Author::new("b"));
    let (first, healthy, second) = (changed(&mut author), author.healthy(at(1)), changed(&mut author));
    for commit in [&first, &healthy, &second] {
        backlog.push(commit.clone()).unwrap();
    }
    until(|| store.begun() == 1).await;
    store.turn(Mood::Conflicts);
    store.permits.add_permits(100);
    until(|| backlog.is_outrun("a")).await;

    store.turn(Mood::Writes);
    assert_eq!((backlog.pending_changes(), store.begun()), (2, 1), "the second one was never tried");
    assert_eq!(backlog.push(changed(&mut author)), Err(Outrun), "it was made for a state that never was");
    let unconcerned = changed(&mut other);
    backlog.push(unconcerned.clone()).unwrap();
    backlog.caught_up("a");
    assert!(!backlog.is_outrun("a"));
    let anew = changed(&mut Author::at("a", 99));
    backlog.push(anew.clone()).unwrap();
    backlog.drained().await;
    assert_eq!((store.written("a"), store.written("b")), (ids(&[anew]), ids(&[unconcerned])));
    until(|| backlog.pending_changes() == 0).await;
    assert_eq!(store.late(), [ids(&[first, second])]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lets_nobody_in_is_waited_for_too() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::LetsNobodyIn));
    let _writers = writers(1, &backlog, &store);
    let mut author = Author::new("a");
    let commits = [changed(&mut author), changed(&mut author)];
    for commit in &commits {
        backlog.push(commit.clone()).unwrap();
    }
    until(|| store.begun() > 2).await;
    assert_eq!(backlog.pending_changes(), 2);
    store.turn(Mood::Writes);
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&commits));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_waited_for_and_nothing_is_lost() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::IsAway));
    let _writers = writers(2, &backlog, &store);
    // More targets than writers.
    let mut authors = ["a", "b", "c"].map(Author::new);
    let mut pushed: Vec<Commit> = Vec::new();
    for round in 0..3 {
        for author in &mut authors {
            pushed.push(changed(author));
            backlog.push(pushed[pushed.len() - 1].clone()).unwrap();
            backlog.push(author.healthy(at(round))).unwrap();
        }
        let asked = store.pings.load(Ordering::Relaxed);
        until(|| store.pings.load(Ordering::Relaxed) > asked).await;
    }
    assert_eq!((store.begun(), backlog.pending_changes()), (2, 9), "each writer tried once, and then only asked");

    store.turn(Mood::Writes);
    backlog.drained().await;
    for (author, name) in authors.iter().zip(["a", "b", "c"]) {
        let changes: Vec<Commit> = pushed.iter().filter(|commit| commit.target == name).cloned().collect();
        let written = store.written(name);
        assert_eq!(written[..3], ids(&changes), "{author:?}");
        assert_eq!(written.len(), 4, "and the newest health: {written:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_written_keeps_no_other_one_waiting() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::WritesAllBut("a")));
    let _writers = writers(1, &backlog, &store);
    let [one, other] = ["a", "b"].map(|name| changed(&mut Author::new(name)));
    backlog.push(one.clone()).unwrap();
    backlog.push(other.clone()).unwrap();
    until(|| store.written("b") == ids(std::slice::from_ref(&other))).await;
    store.turn(Mood::Writes);
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&[one]));
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_writer_had_in_hand_is_written_by_the_next_one() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::stuck());
    let mut writer = writers(1, &backlog, &store);
    let mut author = Author::new("a");
    let [first, second] = [changed(&mut author), changed(&mut author)];
    backlog.push(first.clone()).unwrap();
    backlog.push(second.clone()).unwrap();
    until(|| store.begun() == 1).await;
    writer.shutdown().await;

    store.permits.add_permits(100);
    let _writers = writers(1, &backlog, &store);
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&[first, second]));
}

#[tokio::test(start_paused = true)]
async fn drained_means_that_the_last_commit_is_written() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::stuck());
    backlog.drained().await;
    let _writers = writers(2, &backlog, &store);
    let mut author = Author::new("a");
    backlog.push(changed(&mut author)).unwrap();
    until(|| store.begun() == 1).await;
    let patience = Duration::from_mins(1);
    assert!(tokio::time::timeout(patience, backlog.drained()).await.is_err(), "one is in hand");
    store.permits.add_permits(100);
    backlog.drained().await;
    assert_eq!(store.written("a").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_process_left_is_written_before_anything_is_added() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::stuck());
    let mut author = Author::new("a");
    let [first, second, third] = [changed(&mut author), changed(&mut author), changed(&mut author)];
    backlog.restore("a".to_owned(), vec![first.clone(), second.clone()]);
    assert_eq!(backlog.push(third.clone()), Err(Outrun), "what is known may not have them");
    let _writers = writers(2, &backlog, &store);
    until(|| store.begun() == 1).await;
    let patience = Duration::from_mins(1);
    assert!(tokio::time::timeout(patience, backlog.written("a")).await.is_err(), "two wait");
    backlog.written("b").await;
    store.permits.add_permits(100);
    backlog.written("a").await;
    assert_eq!(store.written("a"), ids(&[first.clone(), second.clone()]));
    backlog.push(third.clone()).unwrap();
    backlog.drained().await;
    assert_eq!(store.written("a"), ids(&[first, second, third]));
}

#[tokio::test(start_paused = true)]
async fn what_was_left_and_somebody_else_overtook_enters_late() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::Conflicts));
    let mut author = Author::new("a");
    let [first, second] = [changed(&mut author), changed(&mut author)];
    // One that was made for another state is no part of it, and has to be tried itself.
    let apart = changed(&mut Author::at("a", 7));
    backlog
        .restore("a".to_owned(), vec![Author::new("a").healthy(at(0)), first.clone(), second.clone(), apart.clone()]);
    let _writers = writers(1, &backlog, &store);
    backlog.written("a").await;
    assert_eq!((store.begun(), backlog.is_outrun("a")), (3, false), "whoever asks reads the state first anyhow");
    let anew = changed(&mut Author::at("a", 99));
    backlog.push(anew.clone()).unwrap();
    backlog.drained().await;
    assert_eq!(backlog.pending_changes(), 4, "nobody has heard it since, and nobody has to wait for that");
    store.turn(Mood::IsAway);
    tokio::time::advance(Duration::from_mins(1)).await;
    store.turn(Mood::Writes);
    until(|| backlog.pending_changes() == 0).await;
    assert_eq!(store.late(), [ids(&[first, second]), ids(&[apart]), ids(&[anew])]);
}

#[tokio::test(start_paused = true)]
async fn what_was_left_is_not_written_over_what_was_heard_since() {
    let commits = [changed(&mut Author::at("a", 3)), changed(&mut Author::at("a", 4))];
    let state = |revision, heard| TargetState {
        name: "a".to_owned(),
        endpoint: String::new(),
        kind: Kind::Rest,
        about: About::default(),
        revision,
        retired: false,
        services: Vec::new(),
        health: Health { last_success: heard, ..health(at(90)) },
    };
    // The commits are of the instant 0.
    for (state, is_written) in [
        (None, true),
        (Some(state(3, None)), true),
        (Some(state(3, Some(at(0)))), true),
        (Some(state(3, Some(at(1)))), false),
        // Then the store knows whether it has it.
        (Some(state(9, Some(at(1)))), true),
    ] {
        let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::Writes));
        *store.state.lock().unwrap() = state.clone();
        backlog.restore("a".to_owned(), commits.to_vec());
        let _writers = writers(1, &backlog, &store);
        backlog.drained().await;
        let all = ids(&commits);
        let (written, late) = if is_written { (all, vec![]) } else { (vec![], vec![all]) };
        assert_eq!((store.written("a"), store.late()), (written, late), "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_target_that_was_lost_the_store_says_what_is_written() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::IsAway));
    let mut author = Author::new("a");
    let [first, second, third] = [changed(&mut author), changed(&mut author), changed(&mut author)];
    backlog.push(first.clone()).unwrap();
    backlog.push(second.clone()).unwrap();
    let _writers = writers(1, &backlog, &store);
    until(|| store.begun() > 0).await;
    // The first one arrived, only the answer did not.
    store.written.lock().unwrap().push(first.clone());
    backlog.lost("a");
    assert_eq!(backlog.push(third), Err(Outrun), "it was made for what somebody else may have changed");
    store.refuse(&second.id);
    store.turn(Mood::Writes);
    backlog.written("a").await;
    backlog.drained().await;
    assert_eq!((store.written("a"), store.late()), (ids(&[first]), vec![ids(&[second])]));
    assert!(!backlog.is_outrun("a"));
    backlog.lost("b");
    backlog.push(changed(&mut Author::new("b"))).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_waits_to_enter_is_to_be_kept_too() {
    let (backlog, store) = (Arc::new(Backlog::default()), ScriptedStore::in_mood(Mood::Conflicts));
    let commit = changed(&mut Author::new("a"));
    backlog.push(commit.clone()).unwrap();
    let _writers = writers(1, &backlog, &store);
    until(|| backlog.is_outrun("a")).await;
    let kept = backlog.to_keep(Duration::ZERO, 9);
    assert_eq!((ids(&kept), backlog.unkept_changes()), (ids(&[commit]), 1));
    backlog.are_in(Whereabouts::Journal, &kept);
    assert_eq!((backlog.unkept_changes(), backlog.is_any_kept()), (0, true));
    backlog.has_room();
    assert_eq!((ids(&backlog.to_keep(Duration::ZERO, 9)), backlog.is_any_kept()), (ids(&kept), false));
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_to_be_kept_once_and_in_order_and_health_alone_never() {
    let backlog = Backlog::default();
    let [mut a, mut b] = ["a", "b"].map(Author::new);
    let [one, two, other] = [changed(&mut a), changed(&mut a), changed(&mut b)];
    backlog.push(one.clone()).unwrap();
    backlog.push(a.healthy(at(1))).unwrap();
    backlog.push(other.clone()).unwrap();
    let patience = Duration::from_secs(1);
    assert_eq!(backlog.to_keep(patience, 9), []);
    tokio::time::advance(patience).await;
    backlog.push(two.clone()).unwrap();
    assert_eq!(
        ids(&backlog.to_keep(patience, 9)),
        ids(&[one.clone(), other.clone()]),
        "the second has only begun to wait"
    );
    assert_eq!(ids(&backlog.to_keep(patience, 1)), ids(std::slice::from_ref(&one)));
    assert_eq!((backlog.unkept_changes(), backlog.is_any_kept()), (3, false));

    backlog.are_in(Whereabouts::Journal, std::slice::from_ref(&other));
    backlog.are_in(Whereabouts::NoRoom, std::slice::from_ref(&one));
    tokio::time::advance(patience).await;
    assert_eq!(backlog.to_keep(patience, 9), [], "what stands behind one that is not kept would be of no use");
    assert_eq!((backlog.unkept_changes(), backlog.is_any_kept()), (2, true));
    backlog.has_room();
    assert_eq!(ids(&backlog.to_keep(patience, 9)), ids(&[one, two, other]));
}
