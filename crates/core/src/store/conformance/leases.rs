//! Who shares the targets, and who asks what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::in_time;
use super::values::NAMES;
use crate::schema::Timestamp;
use crate::store::testkit::Database;
use crate::store::{Member, Roll, Store};

const LONG: Duration = Duration::from_hours(1);

pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn numbered(count: usize) -> BTreeSet<String> {
    (0..count).map(|n| format!("target-{n}")).collect()
}

fn member(id: &str, load: u64) -> Member {
    Member { id: id.to_owned(), load }
}

pub(super) async fn report(store: &dyn Store, id: &str, load: u64, span: Duration) -> Roll {
    store.report_in(&member(id, load), span, Timestamp::now()).await.unwrap()
}

/// Puts a collector on the roll for as long as any case takes.
pub(super) async fn enter(store: &dyn Store, id: &str) {
    assert!(!report(store, id, 1, LONG).await.was_on_it);
}

/// Ends a collector, as if it had not reported for too long.
pub(super) async fn end(store: &dyn Store, id: &str) {
    assert!(report(store, id, 1, Duration::ZERO).await.was_on_it);
    assert_eq!(store.strike_off(Timestamp::now()).await.unwrap(), names([id]));
}

pub(super) async fn take<'a>(
    store: &dyn Store,
    id: &str,
    targets: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<String, u64> {
    store.take_leases(id, &names(targets)).await.unwrap()
}

/// Takes the lease of one target, which is to be had; answers its token.
pub(super) async fn take_one(store: &dyn Store, id: &str, target: &str) -> u64 {
    let taken = take(store, id, [target]).await;
    assert_eq!(taken.keys().collect::<Vec<_>>(), [target]);
    taken[target]
}

async fn held(store: &dyn Store, id: &str) -> BTreeMap<String, u64> {
    store.held_leases(id).await.unwrap()
}

async fn vacant(store: &dyn Store) -> BTreeSet<String> {
    store.vacant_leases().await.unwrap()
}

/// The roll has everybody who reported, with what they said last, and tells a newcomer that it is one.
pub async fn the_roll_names_who_reported(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let alone = Roll { was_on_it: false, members: vec![member("b", 10)] };
    assert_eq!(report(store, "b", 10, LONG).await, alone);
    let two = vec![member("a", 0), member("b", 10)];
    assert_eq!(report(other, "a", 0, LONG).await, Roll { was_on_it: false, members: two });
    let again = vec![member("a", 0), member("b", 7)];
    assert_eq!(report(other, "b", 7, LONG).await, Roll { was_on_it: true, members: again });
    for id in NAMES {
        enter(store, id).await;
    }
    let members = report(other, "$set", 3, LONG).await.members;
    let mut expected: Vec<_> = NAMES.into_iter().chain(["a", "b"]).collect();
    expected.sort_unstable();
    assert_eq!(members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>(), expected);
    assert!(members.contains(&member("$set", 3)));
}

/// Whoever does not report keeps its leases until it is struck off, and has none when it comes back.
pub async fn who_does_not_report_is_struck_off(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    enter(store, "a").await;
    enter(other, "b").await;
    store.open_leases(&names(["github", "slack"])).await.unwrap();
    take(store, "a", ["github", "slack"]).await;
    assert_eq!(store.strike_off(Timestamp::now()).await.unwrap(), names([]), "all live");

    report(store, "a", 1, Duration::ZERO).await;
    assert_eq!(report(other, "b", 1, LONG).await.members.len(), 2, "its time is over, nobody has struck it off");
    assert_eq!(vacant(other).await, names([]));
    assert_eq!(take(other, "b", ["github"]).await, BTreeMap::new());
    assert!(report(store, "a", 1, Duration::ZERO).await.was_on_it);

    assert_eq!(other.strike_off(Timestamp::now()).await.unwrap(), names(["a"]));
    assert_eq!(store.strike_off(Timestamp::now()).await.unwrap(), names([]));
    assert_eq!(vacant(other).await, names(["github", "slack"]));
    assert_eq!(report(other, "b", 1, LONG).await.members, [member("b", 1)]);
    take_one(other, "b", "github").await;
    enter(store, "a").await;
    assert_eq!(held(store, "a").await, BTreeMap::new());
    assert_eq!(vacant(store).await, names(["slack"]), "also where nobody took it meanwhile");
}

/// Whoever leaves in good order leaves nothing behind.
pub async fn who_leaves_leaves_its_leases_vacant(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    enter(store, "a").await;
    enter(other, "b").await;
    store.open_leases(&names(["github", "slack"])).await.unwrap();
    take_one(store, "a", "github").await;
    let of_b = take(other, "b", ["slack"]).await;
    store.leave_roll("a").await.unwrap();
    store.leave_roll("a").await.unwrap();
    assert_eq!(vacant(other).await, names(["github"]));
    assert_eq!(held(store, "b").await, of_b);
    assert_eq!(report(other, "b", 1, LONG).await.members, [member("b", 1)]);
}

/// Whoever is not on the roll takes nothing and holds nothing.
pub async fn who_is_not_on_the_roll_holds_nothing(database: &Database) {
    let store = &*database.open().await;
    store.open_leases(&names(["github"])).await.unwrap();
    assert_eq!(take(store, "a", ["github"]).await, BTreeMap::new());
    enter(store, "a").await;
    take_one(store, "a", "github").await;
    end(store, "a").await;
    assert_eq!(take(store, "a", ["github"]).await, BTreeMap::new());
    store.give_up_leases("a", &names(["github"])).await.unwrap();
    store.close_lease("a", "github").await.unwrap();
    assert_eq!((held(store, "a").await, vacant(store).await), (BTreeMap::new(), names(["github"])));
}

/// A lease tells who had it last, from when it is vacant, however that came, until somebody takes it.
pub async fn a_vacant_lease_tells_who_had_it_last(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let left = async |id: &str| other.left_leases(id).await.unwrap();
    store.open_leases(&names(["given", "held", "never", "taken"])).await.unwrap();
    assert_eq!(left("a").await, names([]));
    enter(store, "a").await;
    enter(store, "b").await;
    take(store, "a", ["given", "held", "taken"]).await;
    assert_eq!(left("a").await, names([]), "it has them");
    store.give_up_leases("a", &names(["given"])).await.unwrap();
    assert_eq!((left("a").await, left("b").await), (names(["given"]), names([])));

    end(store, "a").await;
    assert_eq!(left("a").await, names(["given", "held", "taken"]));
    take_one(store, "b", "taken").await;
    assert_eq!((left("a").await, left("b").await), (names(["given", "held"]), names([])));
    enter(store, "a").await;
    assert_eq!(left("a").await, names(["given", "held"]), "it is back");
    store.leave_roll("b").await.unwrap();
    assert_eq!((left("a").await, left("b").await), (names(["given", "held"]), names(["taken"])));

    take_one(store, "a", "given").await;
    store.close_lease("a", "given").await.unwrap();
    store.open_leases(&names(["given"])).await.unwrap();
    assert_eq!((left("a").await, vacant(other).await), (names(["held"]), names(["given", "held", "never", "taken"])));
}

/// A lease is its holder's alone: nobody else takes it, gives it up, closes it, or makes it vacant by opening it.
pub async fn a_lease_is_opened_given_up_and_closed(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    enter(store, "a").await;
    enter(store, "b").await;
    assert_eq!(vacant(store).await, names([]));
    assert_eq!(take(store, "a", ["github"]).await, BTreeMap::new(), "there is none yet");
    store.open_leases(&names(["github", "slack"])).await.unwrap();
    assert_eq!(vacant(other).await, names(["github", "slack"]));

    let taken = take(store, "a", ["github", "unknown"]).await;
    other.open_leases(&names(["github", "slack"])).await.unwrap();
    assert_eq!(take(other, "b", ["github"]).await, BTreeMap::new());
    other.give_up_leases("b", &names(["github"])).await.unwrap();
    other.close_lease("b", "github").await.unwrap();
    assert_eq!(held(other, "a").await, taken);
    assert_eq!(vacant(other).await, names(["slack"]));

    store.give_up_leases("a", &names(["github", "slack", "unknown"])).await.unwrap();
    assert_eq!(vacant(other).await, names(["github", "slack"]));
    take_one(other, "b", "github").await;
    other.close_lease("b", "slack").await.unwrap();
    other.close_lease("b", "github").await.unwrap();
    assert_eq!(vacant(store).await, names(["slack"]), "nobody held that one");
    assert_eq!(take(store, "a", ["github"]).await, BTreeMap::new());
    store.open_leases(&names(["github"])).await.unwrap();
    take_one(store, "a", "github").await;
    for targets in [names([]), names(["github"])] {
        store.open_leases(&targets).await.unwrap();
        store.give_up_leases("b", &targets).await.unwrap();
    }
    assert_eq!(take(store, "a", []).await, BTreeMap::new());
}

/// Each token is higher than all before, of whichever target, also where the lease was forgotten meanwhile.
pub async fn tokens_rise(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    enter(store, "a").await;
    store.open_leases(&names(["github", "slack"])).await.unwrap();
    let mut tokens = vec![take_one(store, "a", "github").await, take_one(store, "a", "github").await];
    assert_eq!(held(other, "a").await["github"], tokens[1]);
    tokens.push(take_one(store, "a", "slack").await);
    store.give_up_leases("a", &names(["slack"])).await.unwrap();
    enter(other, "b").await;
    tokens.push(take_one(other, "b", "slack").await);
    other.close_lease("b", "slack").await.unwrap();
    other.open_leases(&names(["slack"])).await.unwrap();
    tokens.push(take_one(store, "a", "slack").await);
    end(store, "a").await;
    tokens.push(take_one(other, "b", "github").await);
    assert!(tokens[0] > 0 && tokens.is_sorted_by(|earlier, later| earlier < later), "{tokens:?}");
}

/// Of many who take the same leases at once each gets some, and each lease is one's.
pub async fn of_many_who_take_leases_each_goes_to_one(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let targets = numbered(60);
    handles[0].open_leases(&targets).await.unwrap();
    let ids: Vec<_> = (0..6).map(|n| format!("collector {n}")).collect();
    // They come at the same moment, too: each reads a roll on which some of the others are missing.
    let come_and_take = ids.iter().enumerate().map(|(n, id)| {
        let (store, targets) = (&handles[n % 2], &targets);
        async move {
            enter(&**store, id).await;
            store.take_leases(id, targets).await.unwrap()
        }
    });
    let taken = in_time(join_all(come_and_take)).await;
    assert_eq!(taken.iter().map(BTreeMap::len).sum::<usize>(), 60);
    assert_eq!(taken.iter().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().len(), 60);
    for (id, taken) in ids.iter().zip(&taken) {
        assert_eq!(held(&*handles[0], id).await, *taken);
    }
    assert_eq!(vacant(&*handles[1]).await, names([]));
}

/// The same where some die, come back, and give up what they have, all the time: what somebody was told it has is its own
/// until it gives that up or is struck off.
pub async fn of_many_who_come_and_go_each_lease_goes_to_one(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let targets = numbered(12);
    handles[0].open_leases(&targets).await.unwrap();
    // Who has which, as far as they were told.
    let owners = Arc::new(std::sync::Mutex::new(BTreeMap::<String, String>::new()));
    let live = (0..4).map(|n| {
        let (store, targets, owners) = (&handles[n % 2], &targets, Arc::clone(&owners));
        async move {
            let id = format!("collector {n}");
            for round in 0..12 {
                report(&**store, &id, 1, LONG).await;
                let taken = store.take_leases(&id, targets).await.unwrap();
                for target in taken.keys() {
                    let other = owners.lock().unwrap().insert(target.clone(), id.clone());
                    assert_eq!(other, None, "{target} is {id}'s");
                }
                assert_eq!(held(&**store, &id).await, taken);
                owners.lock().unwrap().retain(|_, owner| *owner != id);
                match (round + n) % 3 {
                    0 => store.give_up_leases(&id, targets).await.unwrap(),
                    1 => store.leave_roll(&id).await.unwrap(),
                    _ => {
                        report(&**store, &id, 1, Duration::ZERO).await;
                        store.strike_off(Timestamp::now()).await.unwrap();
                    }
                }
            }
        }
    });
    in_time(join_all(live)).await;
}

/// Any text is the name of a target, and that of a collector.
pub async fn any_name_has_a_lease(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let all = names(NAMES);
    store.open_leases(&all).await.unwrap();
    assert_eq!(vacant(other).await, all);
    for id in NAMES {
        enter(store, id).await;
        take_one(store, id, id).await;
    }
    assert_eq!(vacant(other).await, names([]));
    for id in NAMES {
        assert_eq!(held(other, id).await.keys().collect::<Vec<_>>(), [id]);
    }
    store.give_up_leases("$set", &all).await.unwrap();
    store.leave_roll("_id").await.unwrap();
    assert_eq!(vacant(other).await, names(["$set", "_id"]));
    store.close_lease("null", "null").await.unwrap();
    store.leave_roll("null").await.unwrap();
    assert_eq!(vacant(other).await, names(["$set", "_id"]));
}

/// Ten thousand leases are opened, taken, found and given up, each at once.
pub async fn ten_thousand_leases_are_taken_at_once(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let name = |n: usize| format!("{n:05}-{}", "x".repeat(58));
    let targets: BTreeSet<_> = (0..10_000).map(name).collect();
    enter(store, "a").await;
    enter(other, "b").await;
    other.open_leases(&targets).await.unwrap();
    store.open_leases(&targets).await.unwrap();
    let some: BTreeSet<_> = targets.iter().take(2500).cloned().collect();
    let of_b = other.take_leases("b", &some).await.unwrap();
    assert_eq!(of_b.len(), 2500);
    let of_a = store.take_leases("a", &targets).await.unwrap();
    assert_eq!(of_a.len(), 7500);
    assert!(of_a.keys().chain(of_b.keys()).eq(targets.iter().skip(2500).chain(&some)));
    assert_eq!(held(other, "a").await, of_a);
    end(other, "b").await;
    assert_eq!(vacant(store).await, some);
    assert_eq!(store.take_leases("a", &targets).await.unwrap().len(), 10_000);
    store.give_up_leases("a", &targets).await.unwrap();
    assert_eq!(vacant(other).await, targets);
}
