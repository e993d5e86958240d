//! What is committed under a lease that somebody took since.

use futures_util::future::{join, join_all};

use super::leases::{end, enter, names, take, take_one};
use super::watching::reports;
use super::{applies, everything, in_time, is_known, state};
use crate::schema::{Gap, Status};
use crate::store::testkit::{Author, Database, at};
use crate::store::{Commit, Outcome, Store, StoreError};

const OK: Option<Status> = Some(Status::Ok);
const GAP: fn() -> Option<Gap> = || Some(Gap { from: at(1), until: at(2) });

fn under(token: u64, commit: Commit) -> Commit {
    Commit { fence: Some(token), ..commit }
}

async fn is_fenced(store: &dyn Store, commit: &Commit) {
    match store.commit(commit).await {
        Err(StoreError::Fenced { target }) => assert_eq!(target, commit.target),
        other => panic!("{other:?} for {commit:?}"),
    }
}

/// Commits of all kinds, each made for this revision; some of them older than what is there.
fn all_kinds(target: &str, revision: u64) -> Vec<Commit> {
    let author = || Author::at(target, revision);
    vec![
        author().turn(at(100), &[("a", OK)]),
        author().turn(at(-100), &[("a", OK)]),
        Commit { gap: GAP(), ..author().turn(at(100), &[("a", OK)]) },
        author().retire(),
        author().healthy(at(100)),
        author().healthy(at(-100)),
        Commit { gap: GAP(), ..author().healthy(at(100)) },
    ]
}

/// Writes commits of all kinds, each on top of the last.
async fn goes_on(store: &dyn Store, author: &mut Author, fence: Option<u64>) {
    let commits = [
        author.turn(at(10), &[("a", OK)]),
        author.healthy(at(10)),
        Commit { gap: GAP(), ..author.healthy(at(10)) },
        Commit { gap: GAP(), ..author.turn(at(10), &[("a", OK)]) },
        // The health that is there is newer.
        author.turn(at(9), &[("a", OK)]),
        author.retire(),
    ];
    for commit in commits {
        applies(store, &Commit { fence, ..commit }).await;
    }
}

/// Two collectors, the first of which has the lease of `github`; its token.
async fn two_of_whom_one_has_it(store: &dyn Store) -> u64 {
    enter(store, "a").await;
    enter(store, "b").await;
    store.open_leases(&names(["github"])).await.unwrap();
    take_one(store, "a", "github").await
}

/// Once somebody took a lease, nothing is written that was made under it before: it is refused, whatever it is and
/// whatever revision it was made for, and refused again. What is made under the new one is written.
pub async fn a_lease_that_was_taken_fences_what_was_made_before(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let old = two_of_whom_one_has_it(store).await;
    let mut author = Author::new("github");
    goes_on(store, &mut author, Some(old)).await;
    end(store, "a").await;
    let new = take_one(other, "b", "github").await;
    let (before, revision) = (everything(store, "github").await, state(store, "github").await.revision);
    for base in [revision - 1, revision, revision + 1] {
        for commit in all_kinds("github", base) {
            let commit = under(old, commit);
            is_fenced(store, &commit).await;
            is_fenced(other, &commit).await;
        }
    }
    assert_eq!(everything(store, "github").await, before);
    goes_on(other, &mut author, Some(new)).await;
    let revision = state(store, "github").await.revision;
    for commit in all_kinds("github", revision) {
        is_fenced(store, &under(old, commit)).await;
    }
    // The one who has it may take it again, which fences its own.
    let newer = take_one(other, "b", "github").await;
    for commit in all_kinds("github", revision) {
        is_fenced(other, &under(new, commit)).await;
    }
    goes_on(other, &mut author, Some(newer)).await;
}

/// The same for a target that nobody knew when the lease was taken, whoever writes its first commit then.
pub async fn the_first_commit_is_fenced(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    for (round, fence_of) in [|token: u64| Some(token), |_| None].into_iter().enumerate() {
        let [a, b] = ["a", "b"].map(|id| format!("{id}{round}"));
        let target = format!("target-{round}");
        enter(store, &a).await;
        enter(other, &b).await;
        store.open_leases(&names([&*target])).await.unwrap();
        let old = take_one(store, &a, &target).await;
        let first = under(old, Author::new(&target).turn(at(0), &[("a", OK)]));
        end(store, &a).await;
        let new = take_one(other, &b, &target).await;
        is_fenced(store, &first).await;
        is_fenced(store, &first).await;
        assert_eq!(store.target(&target).await.unwrap(), None);
        assert_eq!(store.events(&target).await.unwrap(), []);

        let mut author = Author::new(&target);
        goes_on(other, &mut author, fence_of(new)).await;
        is_fenced(store, &first).await;
        for commit in all_kinds(&target, state(store, &target).await.revision) {
            is_fenced(store, &under(old, commit)).await;
        }
        goes_on(other, &mut author, Some(new)).await;
        end(other, &b).await;
    }
    // A target without a lease.
    goes_on(store, &mut Author::new("alone"), Some(1)).await;
}

/// What was written before the lease was taken is known as that, whenever it is sent again.
pub async fn what_was_written_before_a_lease_was_taken_is_known(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let old = two_of_whom_one_has_it(store).await;
    let mut author = Author::new("github");
    let change = under(old, author.turn(at(0), &[("a", OK)]));
    let health = under(old, author.healthy(at(1)));
    applies(store, &change).await;
    applies(store, &health).await;
    end(store, "a").await;
    let new = take_one(other, "b", "github").await;
    for commit in [&change, &health] {
        is_known(store, commit).await;
        is_known(other, commit).await;
    }
    applies(other, &under(new, author.healthy(at(2)))).await;
    is_known(store, &change).await;
    // Health alone is remembered until the next one.
    is_fenced(store, &health).await;
}

/// What is made under no lease is written whoever has it, and takes no fence away.
pub async fn what_is_made_under_no_lease_goes_on(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let mut author = Author::new("github");
    goes_on(other, &mut author, None).await;
    let old = two_of_whom_one_has_it(store).await;
    goes_on(other, &mut author, None).await;
    goes_on(store, &mut author, Some(old)).await;
    take_one(store, "a", "github").await;
    goes_on(other, &mut author, None).await;
    for commit in all_kinds("github", state(store, "github").await.revision) {
        is_fenced(store, &under(old, commit)).await;
    }
    // A lease that is given up and taken by nobody is nobody else's.
    let last = take_one(store, "a", "github").await;
    store.give_up_leases("a", &names(["github"])).await.unwrap();
    goes_on(store, &mut author, Some(last)).await;
    store.leave_roll("a").await.unwrap();
    goes_on(store, &mut author, Some(last)).await;
}

const WRITERS: usize = 12;

/// Writes under a token, from an instant on, what changes and what does not, until it is fenced.
async fn write_until_fenced(store: &dyn Store, mut author: Author, token: u64, begin: i64) {
    for second in begin.. {
        let is_change = (second - begin) % 3 == 0;
        let commit = if is_change { author.turn(at(second), &[("a", OK)]) } else { author.healthy(at(second)) };
        match store.commit(&under(token, commit)).await {
            // A try that was given up may have written it: then the next one finds it there.
            Ok(Outcome::Applied | Outcome::AlreadyApplied) => {}
            Err(StoreError::Fenced { .. }) => return,
            other => panic!("{other:?}"),
        }
    }
}

/// From the moment on in which taking a lease is answered, nothing lands that was made before, however much of it is under
/// way: neither for targets that are known nor for those that are committed for the first time just then.
pub async fn nothing_lands_after_a_lease_was_taken(database: &Database) {
    let (store, other) = (database.open().await, database.open().await);
    enter(&*store, "a").await;
    enter(&*store, "b").await;
    let targets: Vec<_> = (0..WRITERS).map(|n| format!("target-{n}")).collect();
    store.open_leases(&targets.iter().cloned().collect()).await.unwrap();
    for round in 0..4 {
        let begin = round * 100_000;
        let old = take(&*store, "a", targets.iter().map(String::as_str)).await;
        assert_eq!(old.len(), WRITERS);
        let mut writers = Vec::new();
        for (n, target) in targets.iter().enumerate() {
            let revision = store.target(target).await.unwrap().map_or(0, |state| state.revision);
            let author = Author::at(target, revision);
            let (store, token) = (&store, old[target]);
            writers.push(async move {
                // Some begin before the lease is taken, some after that.
                for _ in 0..n * 2 {
                    tokio::task::yield_now().await;
                }
                write_until_fenced(&**store, author, token, begin).await;
            });
        }
        let take_over = async {
            end(&*other, "a").await;
            let new = take(&*other, "b", targets.iter().map(String::as_str)).await;
            assert_eq!(new.len(), WRITERS);
            let mut there = Vec::new();
            for target in &targets {
                there.push(everything(&*other, target).await);
            }
            there
        };
        let (there, _) = in_time(join(take_over, join_all(writers))).await;
        for (target, there) in targets.iter().zip(&there) {
            assert_eq!(everything(&*other, target).await, *there, "{target} in round {round}");
        }
        other.give_up_leases("b", &targets.iter().cloned().collect()).await.unwrap();
        enter(&*store, "a").await;
    }
}

/// A watch does not report who asks a target, before it is committed and after that.
pub async fn who_asks_what_is_no_change(database: &Database) {
    let store = &*database.open().await;
    applies(store, &Author::new("github").turn(at(0), &[("a", OK)])).await;
    let mut watch = store.watch().await.unwrap();
    enter(store, "a").await;
    store.open_leases(&names(["github", "slack"])).await.unwrap();
    let tokens = take(store, "a", ["github", "slack"]).await;
    applies(store, &Author::new("marker").turn(at(0), &[("m", OK)])).await;
    reports(&mut *watch, &["marker"]).await;
    // What is committed under a lease is a change like any other.
    applies(store, &under(tokens["slack"], Author::new("slack").turn(at(0), &[("a", OK)]))).await;
    reports(&mut *watch, &["slack"]).await;
    applies(store, &under(tokens["github"], Author::at("github", 1).healthy(at(1)))).await;
    reports(&mut *watch, &["github"]).await;
    take(store, "a", ["github", "slack"]).await;
    applies(store, &Author::at("marker", 1).healthy(at(1))).await;
    reports(&mut *watch, &["marker"]).await;
}
