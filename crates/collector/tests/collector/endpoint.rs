//! The collector's own port: what it tells there, and to whom.

use std::net::{SocketAddr, TcpListener};

use unistatus_core::metrics::testkit::{assert_clean, documented, told};
use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_simulator::{Fault, Simulator};

use crate::support::{Ended, Program, ask, ask_until, on_both_stores, only, outcome, start, targets};

on_both_stores! {
    what_it_counts_is_clean_and_as_documented
}

/// The program on a database, and where it can be looked at.
async fn looked_at(database: &str, targets: &str, environment: &[(&str, &str)]) -> (Program, SocketAddr) {
    let port = [("COLLECTOR_PORT", "0")];
    let mut program = Program::collect_with(database, targets, &[&port, environment].concat());
    let line = program.says("listening").await;
    let address = line.split("address=").nth(1).unwrap().trim().parse().unwrap();
    (program, address)
}

fn vendors(simulator: &Simulator) -> String {
    simulator.set_fault("npm", Fault::Status(500)).unwrap();
    targets(simulator, &["github", "npm"])
}

/// A probe of a vendor's port.
fn probe(simulator: &Simulator) -> String {
    let url = simulator.vendor("github").unwrap().url;
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    format!("[[target]]\nname = \"port\"\ntype = \"TCP\"\nendpoint = \"{address}\"\n")
}

async fn what_it_counts_is_clean_and_as_documented(database: Database) {
    let simulator = start(only(&["github", "npm"])).await;
    let targets = vendors(&simulator) + &probe(&simulator);
    let (program, address) = looked_at(database.address(), &targets, &[]).await;
    let failed = r#"unistatus_collect_failures_total{class="http_status",target="npm"} 1"#;
    let answer = ask_until(address, "/metrics", |answer| {
        answer.has(failed)
            && answer.body.contains(r#"unistatus_probe_latency_seconds{target="port",type="TCP"}"#)
            && answer.body.contains(r#"unistatus_store_operation_duration_seconds_count{operation="commit"}"#)
            && !answer.has(r#"unistatus_collects_total{outcome="ok",target="github"} 0"#)
    })
    .await;
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{answer:?}");
    assert_clean(&answer.body);
    let document = include_str!("../../../../docs/metrics.md");
    assert_eq!(told(&answer.body), documented(document, &["Of both", "Of the collector"]));
    for line in [
        "unistatus_targets 3",
        "unistatus_store_up 1",
        "unistatus_unknown_words_total 0",
        r#"unistatus_collects_total{outcome="ok",target="npm"} 0"#,
    ] {
        assert!(answer.has(line), "{line} in {}", answer.body);
    }
    program.end("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_asked_no_more_loses_its_counters() {
    let simulator = start(only(&["github", "npm"])).await;
    let database = Database::sqlite();
    let (program, address) = looked_at(database.address(), &vendors(&simulator), &[]).await;
    ask_until(address, "/metrics", |answer| answer.body.contains(r#"class="http_status",target="npm""#)).await;
    std::fs::write(program.path("targets.toml"), targets(&simulator, &["github"])).unwrap();
    ask_until(address, "/metrics", |answer| answer.has("unistatus_targets 1")).await;
    // An answer takes one metric after the other, so only the next is sure to be of after that.
    let after = ask(address, "GET", "/metrics").await;
    assert!(!after.body.contains(r#"target="npm""#), "{}", after.body);
    assert!(after.body.contains(r#"target="github""#), "{}", after.body);
    program.end("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_else_is_there() {
    let simulator = start(only(&["github"])).await;
    let database = Database::sqlite();
    let (program, address) = looked_at(database.address(), &targets(&simulator, &["github"]), &[]).await;
    ask_until(address, "/readyz", |answer| answer.status == 200).await;
    for (method, path, status, body) in [
        ("GET", "/healthz", 200, r#"{"status":"OK"}"#),
        ("HEAD", "/healthz", 200, ""),
        ("GET", "/readyz?x=1", 200, r#"{"status":"OK"}"#),
        ("GET", "/", 404, r#"{"error":{"code":"RouteNotFound","message":"There is no resource at this path."}}"#),
        (
            "GET",
            "/api/status",
            404,
            r#"{"error":{"code":"RouteNotFound","message":"There is no resource at this path."}}"#,
        ),
        (
            "POST",
            "/metrics",
            405,
            r#"{"error":{"code":"MethodNotAllowed","message":"This resource does not support the method; it supports GET, HEAD."}}"#,
        ),
    ] {
        let answer = ask(address, method, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{method} {path}");
        assert!(answer.head.contains("content-type: application/json"), "{answer:?}");
        assert_eq!(status == 405, answer.head.contains("allow: get, head"), "{answer:?}");
    }
    program.end("INT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_metrics_can_be_switched_off() {
    let database = Database::sqlite();
    let (program, address) = looked_at(database.address(), "", &[("PROMETHEUS_ENABLED", "false")]).await;
    ask_until(address, "/readyz", |answer| answer.status == 200).await;
    assert_eq!(ask(address, "GET", "/metrics").await.status, 404);
    program.end("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_ready_once_the_database_was_reached() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    tokio::task::block_in_place(|| mongo.kill());
    let (program, address) = looked_at(database.address(), "", &[]).await;
    assert_eq!(ask(address, "GET", "/healthz").await.status, 200);
    let before = ask(address, "GET", "/readyz").await;
    assert_eq!(before.status, 503);
    assert!(before.body.contains(r#""code":"NotReady""#) && before.head.contains("retry-after: "), "{before:?}");
    assert!(ask(address, "GET", "/metrics").await.has("unistatus_store_up 0"));
    tokio::task::block_in_place(|| mongo.restart());
    ask_until(address, "/readyz", |answer| answer.status == 200).await;
    assert!(ask(address, "GET", "/metrics").await.has("unistatus_store_up 1"));
    program.end("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_told_before_anything_is_asked() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    let Ended { code, lines } = outcome(&["60"], &[("CATALOG", "none"), ("COLLECTOR_PORT", &port)]).await;
    let expected = format!("collector: cannot listen on {address}: the port is taken by another process");
    assert_eq!((code, lines), (78, vec![expected]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_connected_does_not_hold_up_its_end() {
    let database = Database::sqlite();
    let (program, address) = looked_at(database.address(), "", &[]).await;
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    ask_until(address, "/readyz", |answer| answer.status == 200).await;
    program.end("TERM").await;
    drop(idle);
}
