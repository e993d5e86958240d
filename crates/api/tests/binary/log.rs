//! Which requests are logged, and how.

use serde_json::Value;

use crate::api;
use crate::client::Client;
use crate::process::{Ended, Process, Program};

/// Asks what is answered well, many times, and once what is not.
async fn ask(client: Client) {
    client.until("/readyz", |answer| answer.status == 200).await;
    for _ in 0..200 {
        assert_eq!(client.get("/api/status").await.status, 200);
    }
    let headers = [("X-Request-Id", "mine"), ("User-Agent", "a \"test\"")];
    assert_eq!(client.send("GET", "/api/status/nobody", &headers).await.status, 404);
}

async fn ended(process: Process) -> Ended {
    process.signal("TERM");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
}

/// The lines of requests, where lines are objects. Waiting to be ready may have failed a few times.
fn requests(log: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == "request" && line["path"] != "/readyz").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_well_leaves_no_line_and_what_is_not_leaves_one() {
    let mut process = api().env("LOG_FORMAT", "json").start();
    ask(process.client().await).await;
    let requests = requests(&ended(process).await.stderr);
    assert_eq!(requests.len(), 1, "{requests:#?}");
    let line = &requests[0];
    for (name, value) in [
        ("level", "INFO"),
        ("method", "GET"),
        ("path", "/api/status/nobody"),
        ("route", "/api/status/{target}"),
        ("request_id", "mine"),
        ("user_agent", "a \"test\""),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!(line["status"], 404, "{line}");
    assert!(line["bytes"].as_u64().unwrap() > 0 && line["duration_ms"].as_f64().unwrap() > 0.0, "{line}");
    assert!(line["remote"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_for_people_holds_the_same() {
    let mut process = api().start();
    ask(process.client().await).await;
    let log = ended(process).await.stderr;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("/api/status")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    for part in ["INFO", "request", "path=\"/api/status/nobody\"", "status=404", "request_id=\"mine\""] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_none_are_logged_if_wanted() {
    for (which, count) in [("all", 201), ("off", 0)] {
        let mut process = api().env("LOG_FORMAT", "json").env("ACCESS_LOG", which).start();
        ask(process.client().await).await;
        assert_eq!(requests(&ended(process).await.stderr).len(), count, "{which}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_servers_fault_is_an_error_and_queries_stay_out() {
    let mut process =
        api().env("LOG_FORMAT", "json").env("ACCESS_LOG", "all").env("DB_URL", "mongodb://127.0.0.1:1/x").start();
    let client = process.client().await;
    assert_eq!(client.get("/api/status").await.status, 503);
    assert_eq!(client.get("/healthz?token=hunter2").await.status, 400);
    let log = ended(process).await.stderr;
    let levels: Vec<_> = requests(&log).iter().map(|line| (line["status"].clone(), line["level"].clone())).collect();
    assert_eq!(levels, [(503.into(), "ERROR".into()), (400.into(), "INFO".into())], "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

/// The warnings of a process that many clients reach through a proxy on this machine.
async fn warnings_behind_a_proxy(program: Program) -> Vec<Value> {
    let mut process = program.env("LOG_FORMAT", "json").start();
    let client = process.client().await;
    for number in 1..=20 {
        let headers = [("X-Forwarded-For", format!("203.0.113.{number}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(client.send("GET", "/healthz", &headers).await.status, 200);
    }
    let log = ended(process).await.stderr;
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"].as_str().unwrap().contains("X-Forwarded-For")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_trusted_is_told_of_once() {
    let warnings = warnings_behind_a_proxy(api()).await;
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!((&warnings[0]["level"], &warnings[0]["peer"]), (&"WARNING".into(), &"127.0.0.1".into()));
    let message = warnings[0]["message"].as_str().unwrap();
    assert!(message.contains("TRUSTED_PROXIES") && !message.contains("203.0.113"), "{message}");
    let trusted = api().env("TRUSTED_PROXIES", "127.0.0.0/8");
    assert_eq!(warnings_behind_a_proxy(trusted).await, Vec::<Value>::new());
}
