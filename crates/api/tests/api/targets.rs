//! What is asked, and how the asking goes.

use std::time::Duration;

use serde_json::json;
use unistatus_core::schema::{About, FailureClass, Kind, Status};
use unistatus_core::store::{Failure, TargetState};

use crate::support::{Answer, TestApp, at, service, target};

fn failing() -> TargetState {
    let mut state = target("aws", [service("EC2", Status::Ok, &[]), service("S3", Status::Degraded, &[])]);
    state.kind = Kind::Rss;
    state.about = About {
        title: Some("Amazon Web Services".to_owned()),
        category: Some("cloud".to_owned()),
        homepage: Some("https://aws.test/".to_owned()),
        server: None,
    };
    state.health.interval_ms = 1_500;
    state.health.http_status = Some(429);
    state.health.consecutive_failures = 3;
    let message = "the source asks for fewer requests".to_owned();
    state.health.failure = Some(Failure { class: FailureClass::RateLimited, message });
    state.health.next_ask = Some(at("2026-05-04T12:10:00Z"));
    state.health.not_before = Some(at("2026-05-04T12:09:59.999Z"));
    state
}

fn never_asked_with_success() -> TargetState {
    let mut state = target("new", []);
    state.health.last_success = None;
    state.health.http_status = None;
    state
}

#[tokio::test(flavor = "multi_thread")]
async fn one_target_byte_for_byte() {
    let app = TestApp::spawn([failing(), never_asked_with_success()]).await;
    let aws = concat!(
        r#"{"name":"aws","title":"Amazon Web Services","type":"RSS","category":"cloud","homepage":"https://aws.test/","#,
        r#""endpoint":"https://aws.test/status.json","status":"Degraded","services":2,"intervalSeconds":1.5,"#,
        r#""lastAttempt":"2026-05-04T12:00:00.500Z","lastSuccess":"2026-05-04T12:00:00.500Z","#,
        r#""nextAsk":"2026-05-04T12:10:00.000Z","durationMs":120,"httpStatus":429,"#,
        r#""failure":{"class":"rate_limited","message":"the source asks for fewer requests"},"consecutiveFailures":3,"#,
        r#""stale":false,"staleAfter":"2026-05-04T12:05:00.500Z","bytes":512,"notBefore":"2026-05-04T12:09:59.999Z"}"#,
    );
    let new = concat!(
        r#"{"name":"new","title":"new","type":"REST","category":null,"homepage":null,"#,
        r#""endpoint":"https://new.test/status.json","status":null,"services":0,"intervalSeconds":60,"#,
        r#""lastAttempt":"2026-05-04T12:00:00.500Z","lastSuccess":null,"nextAsk":null,"durationMs":120,"#,
        r#""httpStatus":null,"failure":null,"consecutiveFailures":0,"stale":false,"staleAfter":null,"bytes":512,"#,
        r#""notBefore":null}"#,
    );
    assert_eq!(app.get("/api/targets/aws").await.body, aws);
    assert_eq!(app.get("/api/targets/new").await.body, new);
    assert_eq!(app.get("/api/targets").await.body, format!(r#"{{"targets":[{aws},{new}]}}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_fresh_although_no_status_changes() {
    let app = TestApp::spawn([failing(), target("github", [service("Actions", Status::Ok, &[])])]).await;
    let [list, one, other] = ["/api/targets", "/api/targets/aws", "/api/targets/github"];
    let mut before = Vec::new();
    for path in [list, one, other, "/api/status"] {
        before.push(app.get(path).await.header("etag").unwrap().to_owned());
    }
    app.store.update("aws", |state| {
        state.health.failure = None;
        state.health.consecutive_failures = 0;
        state.health.duration_ms = 77;
    });
    let fresh = app.until(one, |answer| answer.json()["durationMs"] == 77).await;
    assert_eq!((&fresh.json()["failure"], &fresh.json()["consecutiveFailures"]), (&json!(null), &json!(0)));
    let mut same = Vec::new();
    for (path, before) in [list, one, other, "/api/status"].into_iter().zip(&before) {
        same.push(app.send("GET", path, &[("If-None-Match", before)]).await.status);
    }
    assert_eq!(same, [200, 200, 304, 304]);
}

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let targets = answer.json();
    targets["targets"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_are_asked_for() {
    let mut slow = target("slow", [service("Amazon in its name", Status::Ok, &[])]);
    slow.health.interval_ms = 3_600_000;
    let app = TestApp::spawn([failing(), never_asked_with_success(), slow]).await;
    app.clock.advance(Duration::from_mins(6));
    app.until("/api/status/aws", |answer| answer.body.contains("stale")).await;
    for (query, found) in [
        ("", &["aws", "new", "slow"][..]),
        ("type=RSS", &["aws"]),
        ("category=cloud", &["aws"]),
        ("target=slow,new", &["new", "slow"]),
        ("q=AMAZON", &["aws"]),
        ("q=ew", &["new"]),
        ("failing=true", &["aws"]),
        ("failing=false", &["new", "slow"]),
        ("stale=true", &["aws"]),
        ("stale=false&failing=FALSE", &["new", "slow"]),
        ("stale=true&failing=false", &[]),
        ("limit=2", &["aws", "new"]),
    ] {
        assert_eq!(names(&app.get(&format!("/api/targets?{query}")).await), found, "{query}");
    }
    // What is served counts, as below `/api/status`.
    let aws = app.get("/api/targets/aws").await.json();
    assert_eq!((&aws["status"], &aws["stale"]), (&json!("Unknown"), &json!(true)));
}
