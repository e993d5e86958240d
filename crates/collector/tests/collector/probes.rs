//! Probes and servers: what is measured is written, check by check, and servers come and go while the collector runs.

use std::time::Duration;

use tokio::net::TcpListener;
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{Check, FailureClass, Kind, ProbeId, Scalar, Server, Status, Timestamp, dimension_names};
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{CheckQuery, Store, TargetState};

use crate::support::{TestCollector, target_until};

fn server(name: &str, address: &str) -> Server {
    let (id, name) = (format!("id of {name} at {address}"), name.to_owned());
    Server { id, name, address: address.parse().unwrap(), added_at: Timestamp::now() }
}

/// All checks of a probe, newest first.
async fn checks(store: &dyn Store, probe: &ProbeId) -> Vec<Check> {
    store.checks(&CheckQuery::all_of(probe.clone())).await.unwrap()
}

/// Waits until a probe has checks that fit.
async fn until_checked(store: &dyn Store, probe: &ProbeId, fit: impl Fn(&[Check]) -> bool) -> Vec<Check> {
    for _ in 0..600 {
        let checks = checks(store, probe).await;
        if fit(&checks) {
            return checks;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are no checks of {probe} as expected");
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}

fn status(state: &TargetState) -> Option<Status> {
    state.services.first().map(|service| service.status)
}

fn reason(state: &TargetState) -> Option<&Scalar> {
    state.services.first()?.dimensions.get(dimension_names::REASON)
}

fn failure(state: &TargetState) -> Option<FailureClass> {
    state.health.failure.as_ref().map(|failure| failure.class)
}

async fn servers_come_move_and_go(database: Database) {
    let loopback = AddressPolicy::allowing("127.0.0.0/8, ::1".parse().unwrap());
    let collector = TestCollector::start_with(&database, "", |options| options.address_policy = loopback).await;
    let store = collector.store.as_ref();
    let name = "Büro / 2. Stock";
    let added = server(name, "127.0.0.1");
    let probe = ProbeId::of_server(&added.id);
    assert!(store.add_server(&added).await.unwrap());
    let known = |state: &TargetState| state.health.last_attempt > Timestamp::from_secs(0).unwrap();
    let state = target_until(store, name, "it is asked", known).await;
    if failure(&state) == Some(FailureClass::NotConfigured) {
        skipped(&state.health.failure.unwrap().message);
        return collector.stop().await;
    }
    assert_eq!((state.kind, state.endpoint.as_str()), (Kind::Ping, "127.0.0.1"));
    target_until(store, name, "it answers", |state| status(state) == Some(Status::Ok)).await;
    let measured = until_checked(store, &probe, |checks| checks.len() > 2).await;
    assert!(measured.iter().all(|check| check.status == Status::Ok && check.latency.is_some() && check.sent == 4));
    assert!(measured.is_sorted_by(|newer, older| newer.at > older.at));

    assert!(store.move_server(name, "127.0.0.2".parse().unwrap()).await.unwrap());
    target_until(store, name, "it moved", |state| state.endpoint == "127.0.0.2").await;
    assert!(checks(store, &probe).await.len() >= measured.len());

    assert!(store.remove_server(name).await.unwrap());
    target_until(store, name, "it is retired", |state| state.retired).await;

    let again = Server { id: "another".to_owned(), ..added };
    assert!(store.add_server(&again).await.unwrap());
    until_checked(store, &ProbeId::of_server(&again.id), |checks| !checks.is_empty()).await;
    target_until(store, name, "it is another one", |state| state.about.server.as_ref() == Some(&again.id)).await;
    collector.stop().await;

    // Nobody is there when it is removed.
    let store = database.open().await;
    assert!(store.remove_server(name).await.unwrap());
    let collector = TestCollector::start(&database, "").await;
    target_until(&*store, name, "it is retired", |state| state.retired).await;
    collector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_come_move_and_go_on_sqlite() {
    servers_come_move_and_go(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_come_move_and_go_on_mongo() {
    if let Some(database) = Database::mongo() {
        servers_come_move_and_go(database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_the_policy_refuses_is_sent_nothing() {
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, "").await;
    let store = collector.store.as_ref();
    let added = server("metadata", "169.254.169.254");
    assert!(store.add_server(&added).await.unwrap());
    let refused = |state: &TargetState| failure(state) == Some(FailureClass::NotConfigured);
    let state = target_until(store, "metadata", "it is refused", refused).await;
    let message = state.health.failure.unwrap().message;
    assert!(message.contains("169.254.169.254") && message.contains("ADDRESS_ALLOW"), "{message}");
    assert!(state.services.is_empty() && checks(store, &ProbeId::of_server(&added.id)).await.is_empty());
    collector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_closes_is_an_outage_and_asked_again_at_the_next_interval() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let file = format!(
        "[[target]]\nname = \"db\"\ntype = \"TCP\"\nendpoint = \"{address}\"\nprobe = {{ retries = 0, timeout = \"1s\" }}\n"
    );
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, &file).await;
    let store = collector.store.as_ref();
    // One of the same name gives way.
    assert!(store.add_server(&server("db", "192.0.2.1")).await.unwrap());
    target_until(store, "db", "it is up", |state| status(state) == Some(Status::Ok)).await;
    drop(listener);
    let down = target_until(store, "db", "it is down", |state| status(state) == Some(Status::Outage)).await;
    assert_eq!((down.kind, reason(&down)), (Kind::Tcp, Some(&Scalar::from("refused"))));
    assert_eq!((failure(&down), down.health.consecutive_failures), (None, 0), "it was measured, and did not fail");
    let outages = |checks: &[Check]| checks.iter().filter(|check| check.status == Status::Outage).count();
    let measured = until_checked(store, &ProbeId::of_target("db"), |checks| outages(checks) > 2).await;
    assert!(measured[0].latency.is_none() && measured[0].lost == 1, "{:?}", measured[0]);
    let _listener = TcpListener::bind(address).await.unwrap();
    target_until(store, "db", "it is up again", |state| status(state) == Some(Status::Ok)).await;
    let events = store.events("db").await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.from, event.to)).collect();
    let (up, outage) = (Some(Status::Ok), Some(Status::Outage));
    assert_eq!(told, [(None, up), (up, outage), (outage, up)]);
    collector.stop().await;
}
