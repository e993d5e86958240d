//! What has not been heard of for too long is not believed.

use std::time::Duration;

use unistatus_api::Clock;
use unistatus_core::schema::Status;

use crate::support::{TestApp, dimensions, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_at_its_moment_and_goes_with_the_next_success() {
    let slow = {
        let mut slow = target("slow", [service("Actions", Status::Outage, &[("region", "eu")])]);
        slow.health.interval_ms = 10 * 60_000;
        slow
    };
    let app = TestApp::spawn([slow, target("quick", [service("API", Status::Ok, &[])])]).await;
    let fresh = app.get("/api/status").await;

    // Five minutes after its success, "quick" is believed for the last time: a change that is rendered at that moment
    // would show otherwise.
    app.clock.advance(Duration::from_mins(5));
    app.store.put(target("marker", []));
    let all = app.until("/api/status", |answer| answer.body.contains("marker")).await;
    assert!(!all.body.contains("stale"), "{}", all.body);

    app.clock.advance(Duration::from_millis(1));
    let quick = app.until("/api/status/quick", |answer| answer.body.contains("stale")).await;
    assert_eq!(
        quick.body,
        concat!(
            r#"[{"target":"quick","service":"API","lastTimestamp":"2026-05-04T09:45:04.745Z","status":"Unknown","#,
            r#""dimensions":{"lastKnownStatus":"OK","stale":true}}]"#,
        )
    );
    let all = app.get("/api/status").await;
    assert!(all.body.contains(r#"{"name":"API","lastTimestamp":"2026-05-04T09:45:04.745Z","status":"Unknown","#));
    assert!(app.get("/api/status/slow").await.body.contains("Outage"), "three of its own intervals have not passed");

    app.clock.advance(Duration::from_mins(25));
    let slow = app.until("/api/status/slow/Actions", |answer| answer.body.contains("stale")).await;
    assert!(slow.body.contains(r#""dimensions":{"lastKnownStatus":"Outage","region":"eu","stale":true}"#));

    for name in ["slow", "quick"] {
        app.store.update(name, |state| state.health.last_success = Some(app.clock.now()));
        app.until(&format!("/api/status/{name}"), |answer| !answer.body.contains("stale")).await;
    }
    app.store.update("marker", |state| state.retired = true);
    let back = app.until("/api/status", |answer| !answer.body.contains("marker")).await;
    assert_eq!(back.body, fresh.body);
    assert_eq!(back.header("etag"), fresh.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_also_while_the_database_is_away() {
    let app = TestApp::spawn([target("quick", [service("API", Status::Ok, &[])])]).await;
    app.store.set_away(true);
    app.until("/api/status", |answer| answer.header("age").is_some()).await;
    app.clock.advance(Duration::from_mins(6));
    app.until("/api/status", |answer| answer.body.contains("stale")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_heard_of_is_not_stale() {
    let mut new = target("new", []);
    new.health.last_success = None;
    let mut old = target("old", [service("API", Status::Ok, &[])]);
    old.services[0].dimensions = dimensions(&[("stale", "a word of the source")]);
    let app = TestApp::spawn([new, old]).await;
    app.clock.advance(Duration::from_hours(24));
    let all = app.until("/api/status", |answer| answer.body.contains(r#""stale":true"#)).await;
    assert_eq!(all.json()["targets"][0]["services"], serde_json::json!([]));
}
