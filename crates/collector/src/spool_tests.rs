//! What waits, the journal and the store together. The clock is tokio's where the store is scripted, and stands still while
//! the disk is at work.

use std::collections::BTreeSet;
use std::path::Path;

use tempfile::{TempDir, tempdir};
use tokio::task::JoinSet;
use unistatus_core::schema::ProbeId;
use unistatus_core::schema::{Check, Gap, Status};
use unistatus_core::store::testkit::{self, Author, Database, at, service};
use unistatus_core::store::{CheckQuery, Checks, Commit};

use super::*;
use crate::backlog::tests::{Mood, ScriptedStore, changed, ids, until, writers};
use crate::crew::standing::Standing;
use crate::recorder::tests::{Scripted, seconds};

/// More than any of these tests writes.
const PLENTY: u64 = 256 << 20;

/// One life of a collector, without its asking. It ends as by a `SIGKILL` when this is dropped.
struct Life {
    backlog: Arc<Backlog>,
    recorder: Arc<Recorder>,
    monitor: Arc<Monitor>,
    journal: Arc<Mutex<Journal>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Life {
    /// Begins with what the journal in this folder has.
    fn begin(folder: &TempDir, limit: u64) -> Self {
        let (backlog, recorder) = (Arc::<Backlog>::default(), Arc::<Recorder>::default());
        let monitor = Arc::new(Monitor::new().unwrap());
        let journal = Journal::open(folder.path(), limit).unwrap();
        let spool = Spool::new(journal, Arc::clone(&backlog), Arc::clone(&recorder), Arc::clone(&monitor));
        let journal = Arc::clone(&spool.journal);
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(spool.run(stop.clone()));
        Self { backlog, recorder, monitor, journal, stop, tasks }
    }

    fn bytes(&self) -> u64 {
        self.journal.lock().unwrap().bytes()
    }

    /// Waits until all that waits is kept.
    async fn kept(&self) {
        until(|| self.backlog.unkept_changes() == 0 && self.recorder.unkept() == 0).await;
    }

    /// Waits until nothing is kept any more.
    async fn emptied(&self) {
        until(|| self.bytes() == 0).await;
    }

    /// Begins to write the checks.
    fn record(&mut self, store: Arc<dyn Checks>) {
        self.tasks.spawn(Arc::clone(&self.recorder).write(store, Standing::undoubted()));
    }

    /// Is killed.
    async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}

fn check(second: i64) -> Check {
    testkit::check("a", at(second))
}

async fn recorded(database: &Database) -> Vec<Check> {
    let store = database.open().await;
    let mut checks = store.checks(&CheckQuery::all_of(ProbeId::of_target("a"))).await.unwrap();
    store.close().await;
    checks.reverse();
    checks
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_that_the_store_takes_in_time() {
    let folder = tempdir().unwrap();
    let (mut life, store) = (Life::begin(&folder, PLENTY), ScriptedStore::in_mood(Mood::Writes));
    let _writers = writers(2, &life.backlog, &store);
    life.record(Arc::clone(&store) as Arc<dyn Checks>);
    let mut author = Author::new("a");
    for second in 0..50 {
        life.backlog.push(changed(&mut author)).unwrap();
        life.recorder.push(check(second));
        tokio::time::sleep(TICK / 3).await;
        assert_eq!(life.bytes(), 0);
    }
    life.backlog.drained().await;
    assert_eq!(names(folder.path()), ["id"], "no file was ever begun");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_overtook_outlives_the_process_until_it_has_entered() {
    let (folder, store) = (tempdir().unwrap(), ScriptedStore::in_mood(Mood::Conflicts));
    let mut author = Author::new("a");
    let commits = [changed(&mut author), changed(&mut author)];
    for is_first in [true, false] {
        let life = Life::begin(&folder, PLENTY);
        let _writers = writers(1, &life.backlog, &store);
        if is_first {
            for commit in &commits {
                life.backlog.push(commit.clone()).unwrap();
            }
        }
        life.backlog.written("a").await;
        life.kept().await;
        assert_eq!((life.backlog.pending_changes(), store.late()), (2, vec![]));
        life.end().await;
    }
    store.turn(Mood::Writes);
    let life = Life::begin(&folder, PLENTY);
    // By then the store may take no such commit any more.
    for commit in &commits {
        store.refuse(&commit.id);
    }
    let _writers = writers(1, &life.backlog, &store);
    life.backlog.drained().await;
    assert_eq!(store.late(), [ids(&commits)]);
    life.emptied().await;
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("0")).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn what_a_store_that_is_away_does_not_take_outlives_the_process_and_is_written_once_in_order() {
    let (folder, store) = (tempdir().unwrap(), ScriptedStore::in_mood(Mood::IsAway));
    let mut authors = ["a", "b", "c"].map(Author::new);
    let mut pushed: Vec<Commit> = Vec::new();
    // Killed twice, before anything was written.
    for _ in 0..2 {
        let life = Life::begin(&folder, PLENTY);
        assert_eq!(life.backlog.pending_changes(), pushed.len());
        if pushed.is_empty() {
            let _writers = writers(2, &life.backlog, &store);
            for _ in 0..30 {
                for author in &mut authors {
                    let commit = changed(author);
                    life.backlog.push(commit.clone()).unwrap();
                    life.backlog.push(author.healthy(at(1))).unwrap();
                    pushed.push(commit);
                }
                tokio::time::sleep(TICK / 4).await;
            }
            life.kept().await;
        }
        life.end().await;
    }
    store.turn(Mood::Writes);
    let life = Life::begin(&folder, PLENTY);
    let _writers = writers(2, &life.backlog, &store);
    life.backlog.drained().await;
    for name in ["a", "b", "c"] {
        let changes: Vec<Commit> = pushed.iter().filter(|commit| commit.target == name).cloned().collect();
        assert_eq!(store.written(name), ids(&changes), "all that changed, and no mere health");
    }
    life.emptied().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_end_finds_waiting_is_kept_at_once() {
    let folder = tempdir().unwrap();
    let mut life = Life::begin(&folder, PLENTY);
    let commit = changed(&mut Author::new("a"));
    life.backlog.push(commit.clone()).unwrap();
    life.recorder.push(check(1));
    life.stop.cancel();
    life.tasks.join_next().await.unwrap().unwrap();
    assert_eq!((life.backlog.unkept_changes(), life.recorder.unkept()), (0, 0));
    drop(life);
    let mut journal = Journal::open(folder.path(), PLENTY).unwrap();
    assert_eq!(journal.take_left()["a"], [commit]);
    assert_eq!(journal.oldest_checks().unwrap().unwrap().1, [check(1)]);
}

#[tokio::test]
async fn what_was_written_before_the_end_is_written_no_second_time_and_holds_nobody_up() {
    let (folder, database) = (tempdir().unwrap(), Database::sqlite());
    let mut author = Author::new("a");
    let first = author.change(vec![service("one", Status::Ok)]);
    let gap = Gap { from: at(10), until: at(20) };
    // Nothing but the end of a gap: it raises no revision, so it is not known by one.
    let tells_gap = Commit { gap: Some(gap), ..author.healthy(at(20)) };
    let [second, third] = [("two", 30), ("three", 40)].map(|(name, second)| {
        let health = testkit::health(at(second));
        Commit { health, ..author.change(vec![service(name, Status::Ok)]) }
    });
    let life = Life::begin(&folder, PLENTY);
    for commit in [&first, &tells_gap, &second, &third] {
        life.backlog.push(commit.clone()).unwrap();
    }
    life.kept().await;
    life.end().await;
    let store = database.open().await;
    for commit in [&first, &tells_gap, &second] {
        store.commit(commit).await.unwrap();
    }

    let life = Life::begin(&folder, PLENTY);
    let writer = tokio::spawn(Arc::clone(&life.backlog).write(Arc::clone(&store), Standing::undoubted()));
    life.backlog.drained().await;
    let events = store.events("a").await.unwrap();
    let seen: Vec<(u64, &str)> = events.iter().map(|event| (event.revision, event.service.as_str())).collect();
    assert_eq!(seen, [(1, "one"), (2, "two"), (3, "three")]);
    life.emptied().await;
    writer.abort();
    store.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_journal_lets_checks_go_then_changes_and_counts_both_and_is_of_use_again_afterwards() {
    let (folder, store) = (tempdir().unwrap(), ScriptedStore::in_mood(Mood::IsAway));
    let life = Life::begin(&folder, 64 << 10);
    let writers = writers(2, &life.backlog, &store);
    (0..100).for_each(|second| life.recorder.push(check(second)));
    life.kept().await;
    let [mut a, mut b] = ["a", "b"].map(Author::new);
    let mut pushed = Vec::new();
    for _ in 0..100 {
        pushed.push(changed(&mut a));
        life.backlog.push(pushed[pushed.len() - 1].clone()).unwrap();
    }
    until(|| counted(&life, "changes") > 0).await;
    let unkept = life.backlog.unkept_changes();
    assert_eq!((counted(&life, "checks"), counted(&life, "changes")), (100, unkept));
    assert!((1..100).contains(&unkept), "{unkept}");

    store.turn(Mood::Writes);
    life.backlog.drained().await;
    assert_eq!(store.written("a"), ids(&pushed), "what the journal had no room for waited in memory");
    life.emptied().await;
    store.turn(Mood::IsAway);
    life.backlog.push(changed(&mut b)).unwrap();
    life.kept().await;
    until(|| scraped(&life, "unistatus_journal_bytes ") > 0).await;
    assert_eq!(scraped(&life, "unistatus_journal_bytes ") as u64, life.bytes());
    assert_eq!(scraped(&life, "unistatus_journal_limit_bytes ") as u64, 64 << 10);
    drop(writers);
}

/// How many were dropped of this kind, as it is counted.
fn counted(life: &Life, kind: &str) -> usize {
    scraped(life, &format!("unistatus_journal_dropped_total{{kind=\"{kind}\"}} "))
}

/// What the collector tells of itself in this series.
fn scraped(life: &Life, series: &str) -> usize {
    let text = String::from_utf8(life.monitor.scrape()).unwrap();
    text.lines().find_map(|line| line.strip_prefix(series)).unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn checks_for_which_memory_is_too_short_come_back_from_the_journal() {
    const COUNT: i64 = 101_000;
    let (folder, store) = (tempdir().unwrap(), Arc::<Scripted>::default());
    let mut life = Life::begin(&folder, PLENTY);
    (0..1_000).for_each(|second| life.recorder.push(check(second)));
    life.kept().await;
    (1_000..COUNT).for_each(|second| life.recorder.push(check(second)));
    assert!(life.recorder.waiting() < usize::try_from(COUNT).unwrap());
    life.kept().await;
    life.record(Arc::clone(&store) as Arc<dyn Checks>);
    life.emptied().await;
    life.recorder.drained().await;
    let taken: BTreeSet<i64> = seconds(&store).into_iter().collect();
    let begin = at(0).as_millis() / 1000;
    assert!(taken.into_iter().eq(begin..begin + COUNT), "none is missing");
}

#[tokio::test]
async fn checks_outlive_the_process_and_are_written_behind_those_of_their_time() {
    let (folder, database) = (tempdir().unwrap(), Database::sqlite());
    for begin in [0, 5] {
        let life = Life::begin(&folder, PLENTY);
        (begin..begin + 5).for_each(|second| life.recorder.push(check(second)));
        life.kept().await;
        life.end().await;
    }
    let store = database.open().await;
    // Some had been written before the end.
    store.record(&[check(0), check(1), check(7)]).await.unwrap();
    let mut life = Life::begin(&folder, PLENTY);
    life.recorder.push(check(10));
    life.record(Arc::clone(&store) as Arc<dyn Checks>);
    life.emptied().await;
    life.recorder.drained().await;
    life.end().await;
    store.close().await;
    assert_eq!(recorded(&database).await, (0..11).map(check).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_fails_is_tried_again_and_nothing_is_out_of_order() {
    let (folder, store) = (tempdir().unwrap(), ScriptedStore::in_mood(Mood::IsAway));
    let slot = folder.path().join("0");
    let life = Life::begin(&folder, PLENTY);
    let _writers = writers(2, &life.backlog, &store);
    std::fs::rename(&slot, folder.path().join("elsewhere")).unwrap();
    let mut author = Author::new("a");
    let commits = [changed(&mut author), changed(&mut author)];
    life.backlog.push(commits[0].clone()).unwrap();
    tokio::time::sleep(RETRY * 2).await;
    life.backlog.push(commits[1].clone()).unwrap();
    assert_eq!((life.backlog.unkept_changes(), life.bytes()), (2, 0));
    std::fs::rename(folder.path().join("elsewhere"), &slot).unwrap();
    life.kept().await;
    life.end().await;
    let mut journal = Journal::open(folder.path(), PLENTY).unwrap();
    assert_eq!(journal.take_left()["a"], commits);
}
