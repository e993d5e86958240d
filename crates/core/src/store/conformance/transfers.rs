//! How all that is kept is told, and kept elsewhere.

use std::time::Duration;

use super::leases::{end, enter, report, take_one};
use super::{applies, conflicts, everything, is_known, state};
use crate::schema::{Check, ProbeId, Server, Status, Timestamp};
use crate::store::testkit::{Author, Database, FENCED, answers, at, check, fill, rollup};
use crate::store::transfer::{Entry, Export, Origin, Part};
use crate::store::{Changed, Commit, Placed, Rollup, StoreError};

/// All entries of a part, in pages of a size.
async fn entries(store: &dyn Export, part: Part, size: usize) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let behind = all.last().map(Entry::id);
        let page = store.entries(part, behind.as_ref(), size).await.expect("they can be read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Copies all that a database keeps, a few entries at a time.
async fn copy(from: &Database, to: &Database) {
    let (source, destination) = (from.open_source().await, to.open_destination().await);
    for part in Part::ALL {
        for some in entries(&*source, part, 5).await.chunks(7) {
            destination.put(some.to_vec()).await.expect("they can be written");
        }
    }
}

/// A database of the same kind, and one of the kind that is always there.
fn copies_of(database: &Database) -> [Database; 2] {
    [database.another(), Database::sqlite()]
}

/// What is told of a store and kept by another one, of whatever kind, is answered by that as before.
pub async fn what_is_copied_answers_as_before(database: &Database) {
    let store = &*database.open().await;
    fill(store).await;
    let before = answers(store).await;
    for there in copies_of(database) {
        copy(database, &there).await;
        assert_eq!(answers(&*there.open().await).await, before);
        // And back.
        let back = database.another();
        copy(&there, &back).await;
        assert_eq!(answers(&*back.open().await).await, before);
    }
    assert_eq!(answers(store).await, before);
}

/// What is written once more is there once.
pub async fn to_copy_twice_is_to_copy_once(database: &Database) {
    fill(&*database.open().await).await;
    for there in copies_of(database) {
        let mut kept = Vec::new();
        for _ in 0..2 {
            copy(database, &there).await;
            let mut all = Vec::new();
            for part in Part::ALL {
                all.extend(entries(&*there.open_source().await, part, 100).await);
            }
            kept.push((all, answers(&*there.open().await).await));
        }
        assert_eq!(kept[0], kept[1]);
    }
}

/// What changed since it was copied is in the place of what it was, when it is copied again.
pub async fn what_is_copied_is_copied_as_it_is_now(database: &Database) {
    let store = &*database.open().await;
    fill(store).await;
    let there = database.another();
    copy(database, &there).await;
    let mut author = Author::at("a.b", 3);
    applies(store, &author.turn(at(90), &[("a.b0", Some(Status::Outage)), ("new", Some(Status::Ok))])).await;
    assert!(store.revoke_key("one", at(70)).await.unwrap());
    assert!(store.move_server("dns", "127.0.0.1".parse().unwrap()).await.unwrap());
    let template = store.template("t2").await.unwrap().unwrap();
    let mut reworded = template.clone();
    (reworded.content, reworded.revision) = ("other".to_owned(), template.revision + 1);
    store.replace_template(&reworded).await.unwrap();
    store.put_rollups(&[Rollup { outages: 9, ..rollup("", at(0)) }]).await.unwrap();
    copy(database, &there).await;
    assert_eq!(answers(&*there.open().await).await, answers(store).await);
}

/// The pages of a part make up the whole in the order of the ids, whatever their size.
pub async fn pages_of_all_that_is_kept_make_up_the_whole(database: &Database) {
    fill(&*database.open().await).await;
    let store = database.open_source().await;
    for part in Part::ALL {
        let all = entries(&*store, part, 10_000).await;
        assert!(!all.is_empty() && all.iter().map(Entry::id).is_sorted_by(|a, b| a < b), "{all:?}");
        for size in [1, 2, 3, 8] {
            assert_eq!(entries(&*store, part, size).await, all, "{part} in pages of {size}");
        }
        let things = all.iter().map(|entry| match entry {
            Entry::Revision(revision) => revision.periods.len(),
            _ => 1,
        });
        let count = usize::try_from(store.count(part).await.unwrap()).unwrap();
        assert_eq!(count, things.sum::<usize>(), "{part}");
    }
    assert_eq!(entries(&*database.another().open_destination().await, Part::Checks, 5).await, []);
}

/// A commit that a collector sends again, since it does not know whether it arrived before the copy, is recognised in
/// it; the next one is written, and does what it would have done.
pub async fn what_was_written_before_a_copy_is_known_after_it(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    let turns = [("a", Some(Status::Ok)), ("b", Some(Status::Ok))];
    let mut commits: Vec<_> = (1..=3).map(|n| author.turn(at(n), &turns)).collect();
    commits.push(author.healthy(at(4)));
    for commit in &commits {
        applies(store, commit).await;
    }
    for there in copies_of(database) {
        copy(database, &there).await;
        let copy = &*there.open().await;
        for commit in &commits {
            is_known(copy, commit).await;
        }
        conflicts(copy, &Author::at("github", 2).turn(at(9), &turns), 3).await;
        let next = author.clone().turn(at(9), &[("b", None), ("c", Some(Status::Ok))]);
        let other = database.another();
        self::copy(database, &other).await;
        applies(copy, &next).await;
        applies(&*other.open().await, &next).await;
        assert_eq!(answers(copy).await, answers(&*other.open().await).await);
        assert_eq!(state(copy, "github").await.revision, 4);
    }
}

/// What was made under a lease that somebody took is refused by a copy, too; tokens go on rising in it.
pub async fn what_was_fenced_before_a_copy_is_fenced_after_it(database: &Database) {
    let store = &*database.open().await;
    enter(store, "a").await;
    enter(store, "b").await;
    applies(store, &Author::new(FENCED).change(vec![])).await;
    store.open_leases(&[FENCED.to_owned()].into()).await.unwrap();
    let old = take_one(store, "a", FENCED).await;
    end(store, "a").await;
    let new = take_one(store, "b", FENCED).await;
    for there in copies_of(database) {
        copy(database, &there).await;
        let copy = &*there.open().await;
        let before = everything(copy, FENCED).await;
        let under = |token| Commit { fence: Some(token), ..Author::at(FENCED, 1).healthy(at(5)) };
        assert!(matches!(copy.commit(&under(old)).await, Err(StoreError::Fenced { .. })));
        assert_eq!(everything(copy, FENCED).await, before);
        applies(copy, &under(new)).await;
        // Nobody is on the roll, and nobody has a lease.
        assert_eq!(copy.vacant_leases().await.unwrap(), [].into());
        enter(copy, "c").await;
        copy.open_leases(&[FENCED.to_owned()].into()).await.unwrap();
        assert!(take_one(copy, "c", FENCED).await > new);
    }
}

/// A place that a store gave is none of its copy's: nobody who asks there misses an event without being told so.
pub async fn places_of_the_source_are_unknown_in_its_copy(database: &Database) {
    let store = &*database.open().await;
    let mut watch = store.watch().await.unwrap();
    let mut author = Author::new("github");
    let mut told: Vec<Placed> = Vec::new();
    for n in 1..=3 {
        applies(store, &author.turn(at(n), &[("a", Some(Status::Ok))])).await;
    }
    while told.len() < 3 {
        let Changed::Some { events, .. } = watch.changed().await.unwrap() else { panic!("nothing was missed") };
        told.extend(events);
    }
    for there in copies_of(database) {
        copy(database, &there).await;
        let copy = &*there.open().await;
        let mut author = author.clone();
        for n in 4..=9 {
            for Placed { place, .. } in &told {
                assert_eq!(copy.events_behind(place, 100).await.unwrap(), None, "{place}");
            }
            applies(copy, &author.turn(at(n), &[("a", Some(Status::Ok))])).await;
        }
    }
}

/// A database that not all was copied to yet is opened by nobody but who goes on with it.
pub async fn the_half_of_a_copy_is_not_opened(database: &Database) {
    let destination = database.open_destination().await;
    assert_eq!(destination.origin().await.unwrap(), None);
    let origin = |is_whole| Origin { from: "sqlite:/elsewhere.db".to_owned(), is_whole };
    destination.set_origin(&origin(false)).await.unwrap();
    match database.try_open().await {
        Err(StoreError::Unsuitable(message)) => assert!(message.contains("/elsewhere.db"), "{message}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(database.open_destination().await.origin().await.unwrap(), Some(origin(false)));
    destination.set_origin(&origin(true)).await.unwrap();
    database.open().await.ping().await.unwrap();
    assert_eq!(database.open_source().await.origin().await.unwrap(), Some(origin(true)));
    // It is nothing of what is kept.
    assert_eq!(entries(&*destination, Part::Settings, 10).await, []);
}

/// Of those on the roll the ones live whose time is not over.
pub async fn collectors_live_until_their_time_is_over(database: &Database) {
    let store = &*database.open().await;
    for id in ["b", "a"] {
        enter(store, id).await;
    }
    assert!(!report(store, "c", 1, Duration::ZERO).await.was_on_it);
    let source = database.open_source().await;
    assert_eq!(source.living_collectors(Timestamp::now()).await.unwrap(), ["a", "b"]);
    store.leave_roll("a").await.unwrap();
    assert_eq!(source.living_collectors(Timestamp::now()).await.unwrap(), ["b"]);
}

/// What is left of a server that was removed, or comes late, is not told.
pub async fn what_nobody_finds_is_not_copied(database: &Database) {
    let store = &*database.open().await;
    let address = "127.0.0.1".parse().unwrap();
    let server = Server { id: "1".to_owned(), name: "gone".to_owned(), address, added_at: at(0) };
    assert!(store.add_server(&server).await.unwrap());
    let late = |n| Check { probe: ProbeId::of_server("1"), ..check("", at(n)) };
    store.record(&[late(1), check("github", at(1))]).await.unwrap();
    assert!(store.remove_server("gone").await.unwrap());
    store.record(&[late(2), check("slack", at(1))]).await.unwrap();
    store.put_rollups(&[Rollup { probe: ProbeId::of_server("1"), ..rollup("", at(0)) }]).await.unwrap();
    let source = database.open_source().await;
    let checks: Vec<_> = ["github", "slack"].map(|name| Entry::Check(check(name, at(1)))).into();
    assert_eq!(entries(&*source, Part::Checks, 1).await, checks);
    assert_eq!(entries(&*source, Part::Rollups, 1).await, []);
    assert_eq!(entries(&*source, Part::Servers, 1).await, []);
}
