//! Many vendors, and starting and stopping.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use unistatus_simulator::{Options, Simulator, World};

use super::client::ask;

/// A guard against waiting for ever, not a measure of speed.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_vendors_all_answer() {
    const AT_ONCE: usize = 32;
    // A port of each vendor, both ends of each connection, and what the tests beside this one take.
    let files: Result<Vec<File>, _> = (0..1000 + 2 * AT_ONCE + 256).map(|_| File::open("/dev/null")).collect();
    if files.is_err() {
        eprintln!("skipped: a thousand ports need more file descriptors than this process may have (ulimit -n)");
        return;
    }
    drop(files);
    let simulator = Arc::new(Simulator::start(World::uniform(1000, 10, &[]), Options::manual()).await.unwrap());
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut askers = JoinSet::new();
    for vendor in simulator.vendors() {
        let at_once = Arc::clone(&at_once);
        askers.spawn(async move {
            let _permit = at_once.acquire().await.unwrap();
            let answer = ask(&vendor.url, &[]).await.unwrap();
            assert_eq!(answer.status, 200, "{}", vendor.name);
            assert!(!answer.body.is_empty(), "{}", vendor.name);
        });
    }
    let answers = tokio::time::timeout(PATIENCE, askers.join_all()).await.expect("all vendors answer");
    assert_eq!(answers.len(), 1000);
    assert!(simulator.vendors().all(|vendor| simulator.count(&vendor.name) == Ok(1)));

    let url = simulator.vendor("vendor-1000").unwrap().url;
    let simulator = Arc::into_inner(simulator).expect("nobody else holds it");
    tokio::time::timeout(PATIENCE, simulator.stop()).await.expect("all vendors stop");
    assert!(ask(&url, &[]).await.is_err());
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let simulator = Simulator::start(World::demo(1).only(&["npm"]), Options::default()).await.unwrap();
    let url = simulator.vendor("npm").unwrap().url;
    drop(simulator);
    // The tasks end as soon as they run; until then, a connection may be accepted and is dropped.
    let gone = async {
        while ask(&url, &[]).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("nobody answers any more");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = Options { base_port: Some(port), ..Options::default() };
    let error = Simulator::start(World::demo(1), options).await.unwrap_err();
    assert_eq!((error.who.as_str(), error.port), ("github", port));
    assert!(error.to_string().contains("github cannot listen on port"));

    let options = Options { base_port: Some(65_535), ..Options::default() };
    let world = World::demo(1).only(&["github", "zoom"]);
    assert!(Simulator::start(world, options).await.is_err(), "there is no port after the last");
}
