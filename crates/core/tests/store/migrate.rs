//! From one database to another, cut short and begun again, and what is refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;
use tokio::runtime::Runtime;
use unistatus_core::access::{Key, Scope};
use unistatus_core::schema::{Gap, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, answers, at, check, fill, service};
use unistatus_core::store::transfer::{
    Difference, Entry, EntryId, Export, Import, MigrateError, Origin, Part, Step, Tally, Task, migrate,
};
use unistatus_core::store::{Commit, Member, Retention, StoreError};

/// Databases of all kinds that there are.
fn databases() -> Vec<Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten().collect()
}

/// A source and a destination, of all kinds.
fn pairs() -> Vec<(Database, Database)> {
    let pairs_of = |from: &Database| databases().into_iter().map(|to| (from.another(), to)).collect::<Vec<_>>();
    databases().iter().flat_map(pairs_of).collect()
}

/// Moves, and does not look at how it gets on.
async fn moves(from: &Database, to: &Database) -> Result<Vec<Tally>, MigrateError> {
    migrate(&*from.open_source().await, &*to.open_destination().await, &|_| {}).await
}

/// A destination that fails after some writes, as a process that is killed does no more.
#[derive(Debug)]
struct Faltering {
    destination: Arc<dyn Import>,
    writes_left: AtomicUsize,
}

impl Faltering {
    fn new(destination: Arc<dyn Import>, writes: usize) -> Self {
        Self { destination, writes_left: AtomicUsize::new(writes) }
    }

    fn write(&self) -> Result<(), StoreError> {
        let less = |left: usize| left.checked_sub(1);
        match self.writes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) {
            Ok(_) => Ok(()),
            Err(_) => Err(StoreError::Unavailable { message: "it faltered".to_owned(), source: None }),
        }
    }
}

#[async_trait]
impl Export for Faltering {
    fn location(&self) -> String {
        self.destination.location()
    }

    async fn entries(&self, part: Part, behind: Option<&EntryId>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.destination.entries(part, behind, limit).await
    }

    async fn count(&self, part: Part) -> Result<u64, StoreError> {
        self.destination.count(part).await
    }

    async fn living_collectors(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        self.destination.living_collectors(now).await
    }

    async fn origin(&self) -> Result<Option<Origin>, StoreError> {
        self.destination.origin().await
    }
}

#[async_trait]
impl Import for Faltering {
    /// What it fails at is written by half.
    async fn put(&self, mut entries: Vec<Entry>) -> Result<(), StoreError> {
        let written = self.write();
        if written.is_err() {
            entries.truncate(entries.len() / 2);
        }
        self.destination.put(entries).await?;
        written
    }

    async fn set_origin(&self, origin: &Origin) -> Result<(), StoreError> {
        self.write()?;
        self.destination.set_origin(origin).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_moved_compared_and_compared_again() {
    for (from, to) in pairs() {
        let store = from.open().await;
        fill(&*store).await;
        let before = answers(&*store).await;
        let steps = Mutex::new(Vec::new());
        let tell = |step: Step| steps.lock().unwrap().push(step);
        let (source, destination) = (from.open_source().await, to.open_destination().await);
        let tallies = migrate(&*source, &*destination, &tell).await.unwrap();
        assert_eq!(tallies.iter().map(|tally| tally.part).collect::<Vec<_>>(), Part::ALL);
        assert!(tallies.iter().all(|tally| tally.count > 0 && tally.forgotten == 0), "{tallies:?}");
        let steps = steps.into_inner().unwrap();
        for task in [Task::Copy, Task::Verify] {
            for part in Part::ALL {
                let step = steps.iter().rfind(|step| step.task == task && step.part == part).unwrap();
                assert!(step.done > 0 && step.done <= step.of, "{step:?}");
            }
        }
        assert_eq!(answers(&*to.open().await).await, before, "{from:?} to {to:?}");
        assert_eq!(answers(&*store).await, before, "the source stays as it is");

        let steps = Mutex::new(Vec::new());
        let tell = |step: Step| steps.lock().unwrap().push(step.task);
        assert_eq!(migrate(&*source, &*destination, &tell).await.unwrap(), tallies);
        assert!(steps.into_inner().unwrap().iter().all(|task| *task == Task::Verify));
        // And on to the next one: whatever keeps it, its digest is the same.
        let next = from.another();
        assert_eq!(moves(&to, &next).await.unwrap(), tallies);
        assert_eq!(answers(&*next.open().await).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_moved() {
    for (from, to) in pairs() {
        let store = from.open().await;
        for n in 0..40 {
            let services = (0..60).map(|n| service(&format!("{n}"), Status::Ok)).collect();
            Author::new(&format!("target-{n}")).write(&*store, services).await.unwrap();
        }
        for some in (0..12_000).map(|n| check("target-7", at(n))).collect::<Vec<_>>().chunks(2000) {
            store.record(some).await.unwrap();
        }
        let tallies = moves(&from, &to).await.unwrap();
        let count = |part| tallies.iter().find(|tally| tally.part == part).unwrap().count;
        assert_eq!([Part::Targets, Part::Events, Part::Checks].map(count), [40, 2400, 12_000]);
    }
}

async fn is_cut_short_and_ends(from: &Database, to: &Database, writes: Vec<usize>) {
    for writes in writes {
        let faltering = Faltering::new(to.open_destination().await, writes);
        match migrate(&*from.open_source().await, &faltering, &|_| {}).await {
            // It had enough of them.
            Ok(_) => break,
            Err(MigrateError::Destination(StoreError::Unavailable { .. })) => {}
            other => panic!("{other:?}"),
        }
        let is_open = to.try_open().await.is_ok();
        let origin = to.open_destination().await.origin().await.unwrap();
        assert_eq!(is_open, origin.is_none(), "the half of a copy is not opened");
    }
    moves(from, to).await.unwrap();
    assert_eq!(answers(&*to.open().await).await, answers(&*from.open().await).await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_short_at_any_write_and_begun_again_it_ends_the_same(
        writes in prop::collection::vec(0..18_usize, 1..4),
    ) {
        Runtime::new().unwrap().block_on(async {
            for (from, to) in pairs() {
                fill(&*from.open().await).await;
                is_cut_short_and_ends(&from, &to, writes.clone()).await;
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_has_otherwise_by_now_is_found_and_copied() {
    for (from, to) in pairs() {
        let store = from.open().await;
        fill(&*store).await;
        moves(&from, &to).await.unwrap();
        let mut author = Author::at("a.b", 3);
        store.commit(&author.turn(at(90), &[("a.b0", Some(Status::Outage))])).await.unwrap();
        // A copy that is whole is compared and left as it is: somebody may use it.
        let was = answers(&*to.open().await).await;
        match moves(&from, &to).await {
            Err(MigrateError::Differs { what, how: Difference::Otherwise }) => assert_eq!(what, "target a.b"),
            other => panic!("{other:?}"),
        }
        assert_eq!(answers(&*to.open().await).await, was);

        // One that is none yet is brought up to date.
        is_half_again(&from, &to).await;
        moves(&from, &to).await.unwrap();
        assert_eq!(answers(&*to.open().await).await, answers(&*store).await);
    }
}

/// Moves, changes the source, and looks for what differs by then.
async fn moves_while(
    from: &Database,
    to: &Database,
    change: impl AsyncFn() + Sync,
) -> Result<Vec<Tally>, MigrateError> {
    moves(from, to).await.unwrap();
    change().await;
    is_half_again(from, to).await;
    migrate(&*from.open_source().await, &Unwritten(to.open_destination().await), &|_| {}).await
}

/// Makes a copy that is whole one that has still to be finished.
async fn is_half_again(from: &Database, to: &Database) {
    let origin = Origin { from: from.open_source().await.location(), is_whole: false };
    to.open_destination().await.set_origin(&origin).await.unwrap();
}

/// A destination that keeps nothing more.
#[derive(Debug)]
struct Unwritten(Arc<dyn Import>);

#[async_trait]
impl Export for Unwritten {
    fn location(&self) -> String {
        self.0.location()
    }

    async fn entries(&self, part: Part, behind: Option<&EntryId>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.0.entries(part, behind, limit).await
    }

    async fn count(&self, part: Part) -> Result<u64, StoreError> {
        self.0.count(part).await
    }

    async fn living_collectors(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        self.0.living_collectors(now).await
    }

    async fn origin(&self) -> Result<Option<Origin>, StoreError> {
        self.0.origin().await
    }
}

#[async_trait]
impl Import for Unwritten {
    async fn put(&self, _: Vec<Entry>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn set_origin(&self, _: &Origin) -> Result<(), StoreError> {
        Ok(())
    }
}

fn key() -> Key {
    let (id, name, hash) = ("new".to_owned(), "new".to_owned(), "hash of new".to_owned());
    let (expires_at, last_used_at, revoked_at) = (None, None, None);
    Key { id, name, scope: Scope::Read, hash, created_at: at(0), expires_at, last_used_at, revoked_at }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_named_without_a_secret() {
    for (from, to) in pairs() {
        let store = from.open().await;
        fill(&*store).await;
        let result = moves_while(&from, &to, async || assert!(store.add_key(&key()).await.unwrap())).await;
        let error = result.unwrap_err();
        assert!(matches!(error, MigrateError::Differs { how: Difference::Missing, .. }), "{error}");
        let told = error.to_string();
        assert!(told.starts_with("key new is not in the destination") && !told.contains("hash"), "{told}");
    }
    for (from, to) in pairs() {
        let store = from.open().await;
        fill(&*store).await;
        let result = moves_while(&from, &to, async || assert!(store.remove_server("dns").await.unwrap())).await;
        let error = result.unwrap_err();
        assert!(matches!(error, MigrateError::Differs { how: Difference::Additional, .. }), "{error}");
        assert!(error.to_string().starts_with("server dns is in the destination and not in the source"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_forgets_meanwhile_for_its_age_is_no_difference() {
    // Of SQLite it is known when it forgets.
    for to in databases() {
        let from = Database::sqlite();
        let store = from.open().await;
        let mut author = Author::new("github");
        // Of a revision one event goes, and one stays.
        let first = author.turn(at(1), &[("a", Some(Status::Ok)), ("b", Some(Status::Ok))]);
        store.commit(&Commit { gap: Some(Gap { from: at(0), until: at(1) }), ..first }).await.unwrap();
        for n in 2..=4 {
            store.commit(&author.turn(at(n), &[("a", Some(Status::ALL[0]))])).await.unwrap();
        }
        store.record(&[check("github", at(1)), check("github", at(100))]).await.unwrap();
        let forget = async || {
            let kept = Retention::For(Duration::from_secs(50));
            store.retain(kept, at(100)).await.unwrap();
            store.retain_checks(kept, kept, at(100)).await.unwrap();
        };
        let tallies = moves_while(&from, &to, forget).await.unwrap();
        let of = |part| {
            let tally = tallies.iter().find(|tally| tally.part == part).unwrap();
            (tally.count, tally.forgotten)
        };
        assert_eq!(of(Part::Checks), (1, 1));
        assert_eq!(of(Part::Gaps), (0, 1));
        assert_eq!(of(Part::Commits), (1, 3));
        assert_eq!(of(Part::Events), (2, 2), "those that stand, and of the others two revisions");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_copied_to_or_from_is_refused() {
    for (from, to) in pairs() {
        let store = from.open().await;
        fill(&*store).await;
        let told = async |from: &Database, to: &Database| moves(from, to).await.unwrap_err().to_string();

        let same = told(&from, &from).await;
        assert!(same.starts_with("source and destination are the same database, "), "{same}");

        let me = Member { id: "collector-1".to_owned(), load: 1 };
        store.report_in(&me, Duration::from_hours(1), Timestamp::now()).await.unwrap();
        let alive = told(&from, &to).await;
        assert!(alive.starts_with("collector collector-1 live on the source: stop"), "{alive}");
        store.leave_roll("collector-1").await.unwrap();

        let used = to.another();
        // A key to sign with is nobody's.
        used.open().await.signing_key(b"another").await.unwrap();
        let busy = used.open().await;
        busy.report_in(&me, Duration::from_hours(1), Timestamp::now()).await.unwrap();
        let alive = told(&from, &used).await;
        assert!(alive.contains("on the destination"), "{alive}");
        busy.leave_roll("collector-1").await.unwrap();
        Author::new("slack").write(&*busy, vec![service("s", Status::Ok)]).await.unwrap();
        let before = answers(&*busy).await;
        let not_empty = told(&from, &used).await;
        assert!(not_empty.contains("it has targets, commits, events"), "{not_empty}");
        assert_eq!(answers(&*busy).await, before);

        moves(&from, &to).await.unwrap();
        let other = from.another();
        other.open().await.ping().await.unwrap();
        let of_another = told(&other, &to).await;
        assert!(of_another.starts_with("the destination is a copy of "), "{of_another}");
        assert!(of_another.contains(&from.open_source().await.location()), "{of_another}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nothing_is_signed_with_is_replaced() {
    for (from, to) in pairs() {
        fill(&*from.open().await).await;
        to.open().await.signing_key(b"of who looked in").await.unwrap();
        moves(&from, &to).await.unwrap();
        assert_eq!(answers(&*to.open().await).await, answers(&*from.open().await).await);
    }
}
