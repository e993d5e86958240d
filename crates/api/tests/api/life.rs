//! How a server begins and ends.

use std::future::{pending, ready};

use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::listen::ListenError;
use unistatus_core::schema::Status;
use unistatus_core::store::StoreError;

use crate::support::{Client, Connection, MemoryStore, TestApp, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_although_clients_hang() {
    let app = TestApp::spawn([]).await;
    let mut idle = Connection::open(app.address).await;
    idle.send("GET /healthz HTTP/1.1\r\nHost: unistatus.test\r\n\r\n").await;
    idle.until_answered().await;
    let _silent = Connection::open(app.address).await;
    let mut half = Connection::open(app.address).await;
    half.send("GET /api/status HTTP/1.1\r\nHo").await;
    app.stop.cancel();
    app.stopped().await;
}

/// A world whose answers are larger than what the system buffers.
fn large() -> MemoryStore {
    MemoryStore::new([target("large", [service(&"x".repeat(8 << 20), Status::Ok, &[])])])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_on_its_way_arrives_whole() {
    let app = TestApp::over(large()).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    let mut slow = Connection::open_narrow(app.address).await;
    slow.send("GET /api/status/large HTTP/1.1\r\nHost: unistatus.test\r\n\r\n").await;
    slow.until_answered().await;
    app.stop.cancel();
    let answer = slow.rest().await;
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert!(answer.body.len() > 8 << 20 && answer.body.ends_with("}]"));
    app.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_although_nobody_reads_the_answer() {
    let app = TestApp::over(large()).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    let mut deaf = Connection::open_narrow(app.address).await;
    deaf.send("GET /api/status HTTP/1.1\r\nHost: unistatus.test\r\n\r\n").await;
    deaf.until_answered().await;
    app.stop.cancel();
    app.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_came_first_is_obeyed() {
    let server = Server::bind("127.0.0.1", 0).await.unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    let store = ready(Ok(Some(MemoryStore::new([]).into())));
    server.run(store, Options::default(), stop).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_although_the_store_never_opens() {
    let server = Server::bind("127.0.0.1", 0).await.unwrap();
    let client = Client { address: server.addresses()[0] };
    let stop = CancellationToken::new();
    let running = tokio::spawn(server.run(pending(), Options::default(), stop.clone()));
    assert_eq!(client.get("/healthz").await.status, 200);
    assert_eq!(client.get("/readyz").await.status, 503);
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_will_never_open_ends_it() {
    let server = Server::bind("127.0.0.1", 0).await.unwrap();
    let unsuitable = ready(Err(StoreError::Unsuitable("a standalone server".to_owned())));
    let error = server.run(unsuitable, Options::default(), CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, ServeError::Store(StoreError::Unsuitable(_))), "{error:?}");
    assert_eq!(error.to_string(), "a standalone server");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_live_in_one_process() {
    let (one, two) = (TestApp::spawn([target("one", [])]).await, TestApp::spawn([target("two", [])]).await);
    one.stop.cancel();
    one.stopped().await;
    assert_eq!(two.get("/api/status/two").await.status, 200);
}

#[tokio::test]
async fn it_runs_in_a_runtime_of_one_thread_too() {
    let app = TestApp::spawn([target("github", [])]).await;
    assert_eq!(app.get("/api/status/github").await.body, "[]");
}

#[tokio::test]
async fn a_port_that_is_taken_is_a_clear_error() {
    let first = Server::bind("127.0.0.1", 0).await.unwrap();
    let address = first.addresses()[0];
    let error = Server::bind("127.0.0.1", address.port()).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen(ListenError::PortTaken(taken)) if taken == address));
    assert_eq!(error.to_string(), format!("cannot listen on {address}: the port is taken by another process"));
}

#[tokio::test]
async fn a_host_that_is_none_of_ours_is_a_clear_error() {
    let error = Server::bind("192.0.2.1", 0).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen(ListenError::Bind { .. })), "{error:?}");
    assert_eq!(error.to_string(), "cannot listen on 192.0.2.1:0");
    let error = Server::bind(&"x".repeat(300), 0).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen(ListenError::Host { .. })), "{error:?}");
}
