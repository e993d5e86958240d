//! The servers that were added.

use futures_util::future::join_all;

use super::checks::NAMES;
use super::{applies, everything, in_time};
use crate::schema::{Check, ProbeId, Server, Status, Timestamp};
use crate::store::testkit::{Author, Database, at, check, rollup, service};
use crate::store::{CheckQuery, Rollup, Store};

/// A server of this name; its id tells it from another one of the same name.
fn server(name: &str, id: &str, address: &str) -> Server {
    let added_at = Timestamp::from_millis(at(0).as_millis() + 7).unwrap();
    Server { id: id.to_owned(), name: name.to_owned(), address: address.parse().unwrap(), added_at }
}

async fn adds(store: &dyn Store, server: &Server) {
    assert!(store.add_server(server).await.unwrap(), "{server:?}");
}

/// How many checks and roll-ups there are of a probe.
async fn measured(store: &dyn Store, probe: &ProbeId) -> (usize, usize) {
    let rollups = store.rollups(probe, at(-1), at(1_000_000)).await.unwrap();
    (store.checks(&CheckQuery::all_of(probe.clone())).await.unwrap().len(), rollups.len())
}

/// Measures so often, each second and each hour from the beginning on.
async fn measure(store: &dyn Store, probe: &ProbeId, checks: i64, hours: i64) {
    let checks: Vec<_> = (0..checks).map(|n| Check { probe: probe.clone(), ..check("", at(n)) }).collect();
    let hours: Vec<_> = (0..hours).map(|n| Rollup { probe: probe.clone(), ..rollup("", at(3600 * n)) }).collect();
    store.record(&checks).await.unwrap();
    store.put_rollups(&hours).await.unwrap();
}

/// A server is added once, found as it was added, and listed by the bytes of its name.
pub async fn a_server_is_added_once(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.servers().await.unwrap(), []);
    assert_eq!(store.server("Google DNS").await.unwrap(), None);
    let addresses = ["8.8.8.8", "2001:4860:4860::8888", "::1", "0.0.0.0", "::ffff:10.0.0.1"];
    let mut servers: Vec<_> =
        NAMES.iter().enumerate().map(|(n, name)| server(name, &format!("{n}"), addresses[n % 5])).collect();
    for server in &servers {
        adds(store, server).await;
    }
    assert!(!store.add_server(&server(NAMES[0], "other", "9.9.9.9")).await.unwrap());
    for server in &servers {
        assert_eq!(store.server(&server.name).await.unwrap().as_ref(), Some(server));
    }
    store.close().await;
    servers.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    assert_eq!(database.open().await.servers().await.unwrap(), servers);
}

/// Of many who add a server of one name at once exactly one does.
pub async fn of_many_who_add_a_server_one_does(database: &Database) {
    let handles = [database.open().await, database.open().await];
    for round in 0..5 {
        let name = format!("server {round}");
        let rivals: Vec<_> = (0..8).map(|n| server(&name, &format!("{n}"), "::1")).collect();
        let add = rivals.iter().enumerate().map(|(n, rival)| handles[n % 2].add_server(rival));
        let answers: Vec<_> = in_time(join_all(add)).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<_> =
            rivals.iter().zip(answers).filter_map(|(rival, is_added)| is_added.then_some(rival)).collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(handles[1].server(&name).await.unwrap().as_ref(), Some(winners[0]));
    }
    assert_eq!(handles[0].servers().await.unwrap().len(), 5);
}

/// A server that moves keeps all but its address, and its checks.
pub async fn a_server_moves(database: &Database) {
    let store = &*database.open().await;
    let before = server("dns", "1", "8.8.8.8");
    let (six, four) = ("2001:db8::1".parse().unwrap(), "10.0.0.1".parse().unwrap());
    assert!(!store.move_server("dns", six).await.unwrap());
    adds(store, &before).await;
    adds(store, &server("DNS", "2", "1.1.1.1")).await;
    let probe = ProbeId::of_server("1");
    measure(store, &probe, 1, 0).await;
    for address in [six, four, four] {
        assert!(store.move_server("dns", address).await.unwrap());
        assert_eq!(store.server("dns").await.unwrap(), Some(Server { address, ..before.clone() }));
    }
    assert_eq!(measured(store, &probe).await, (1, 0));
    assert_eq!(store.server("DNS").await.unwrap(), Some(server("DNS", "2", "1.1.1.1")));
}

/// A server is removed with its checks and roll-ups, and with nothing else: neither with what was measured of a target of
/// its name. Another one of its name begins anew, and has nothing of what comes late of the one before.
pub async fn a_removed_server_leaves_no_checks(database: &Database) {
    let store = &*database.open().await;
    let [removed, other, again] = ["1", "2", "3"].map(ProbeId::of_server);
    let target = ProbeId::of_target("dns");
    for (name, id) in [("dns", "1"), ("DNS", "2")] {
        adds(store, &server(name, id, "8.8.8.8")).await;
    }
    // More than are deleted at a time.
    for probe in [&removed, &other, &target] {
        measure(store, probe, 5000, 2).await;
    }
    let mut author = Author::new("dns");
    applies(store, &author.change(vec![service("dns", Status::Ok)])).await;
    let history = everything(store, "dns").await;

    assert!(store.remove_server("dns").await.unwrap());
    assert_eq!(store.server("dns").await.unwrap(), None);
    assert_eq!(store.servers().await.unwrap(), [server("DNS", "2", "8.8.8.8")]);
    assert_eq!(measured(store, &removed).await, (0, 0));
    assert_eq!((measured(store, &other).await, measured(store, &target).await), ((5000, 2), (5000, 2)));
    assert_eq!(everything(store, "dns").await, history);
    assert!(!store.remove_server("dns").await.unwrap());
    assert!(!store.move_server("dns", "::1".parse().unwrap()).await.unwrap());

    adds(store, &server("dns", "3", "::1")).await;
    measure(store, &removed, 7, 1).await;
    assert_eq!(measured(store, &again).await, (0, 0));
    measure(store, &again, 1, 0).await;
    assert_eq!(measured(store, &again).await, (1, 0));
    assert_eq!(store.server("dns").await.unwrap().unwrap().id, "3");
}

/// Of many who remove a server at once exactly one does.
pub async fn of_many_who_remove_a_server_one_does(database: &Database) {
    let handles = [database.open().await, database.open().await];
    adds(&*handles[0], &server("dns", "1", "::1")).await;
    let remove = (0..8).map(|n| handles[n % 2].remove_server("dns"));
    let removed = in_time(join_all(remove)).await.into_iter().filter(|answer| *answer.as_ref().unwrap()).count();
    assert_eq!(removed, 1);
    assert_eq!(handles[0].servers().await.unwrap(), []);
}
