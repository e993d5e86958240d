//! `/metrics`, as Prometheus finds it.

use std::num::NonZeroU32;
use std::time::Duration;

use unistatus_core::config::ReadAccess;
use unistatus_core::metrics::testkit::{assert_clean, documented, told};
use unistatus_core::schema::Status;

use crate::support::{Answer, Cast, MemoryStore, TestApp, secret_key, service, target};

fn has(answer: &Answer, line: &str) -> bool {
    answer.body.lines().any(|found| found == line)
}

fn app() -> impl Future<Output = TestApp> {
    TestApp::spawn([
        target("github", [service("Git \"Operations\"", Status::Outage, &[]), service("Pages", Status::Ok, &[])]),
        target("slack", []),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_clean_and_as_documented() {
    let app = app().await;
    app.get("/api/status").await;
    let answer = app.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert_clean(&answer.body);
    let document = include_str!("../../../../docs/metrics.md");
    assert_eq!(told(&answer.body), documented(document, &["Of both", "Of the API"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_told_of_as_they_are_served() {
    let app = app().await;
    let answer = app.get("/metrics").await;
    let outage = r#"unistatus_service_status{target="github",service="Git \"Operations\"",key="internal-key-of-Git \"Operations\""}"#;
    assert!(has(&answer, &format!("{outage} 3")), "{}", answer.body);
    for line in [
        r#"unistatus_target_stale{target="slack"} 0"#,
        r#"unistatus_target_consecutive_failures{target="github"} 0"#,
        r#"unistatus_target_last_success_timestamp_seconds{target="github"} 1777896000.500"#,
        "unistatus_snapshot_age_seconds 0",
        "unistatus_metrics_dropped_series 0",
        "unistatus_store_up 1",
    ] {
        assert!(has(&answer, line), "{line} in {}", answer.body);
    }
    app.clock.advance(Duration::from_hours(1));
    let stale = app.until("/metrics", |answer| has(answer, r#"unistatus_target_stale{target="github"} 1"#)).await;
    assert!(has(&stale, &format!("{outage} 1")), "{}", stale.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_it_tells_for_how_long() {
    let app = app().await;
    app.store.set_away(true);
    app.until("/metrics", |answer| has(answer, "unistatus_store_up 0")).await;
    app.clock.advance(Duration::from_millis(90_500));
    let answer = app.get("/metrics").await;
    assert!(has(&answer, "unistatus_snapshot_age_seconds 90.5"), "{}", answer.body);
    let errors = |line: &str| line.starts_with("unistatus_store_errors_total{") && !line.ends_with(" 0");
    assert!(answer.body.lines().any(errors), "{}", answer.body);
    assert!(answer.body.contains("unistatus_service_status{target=\"github\""), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_snapshot_it_tells_of_the_server() {
    let store = MemoryStore::new([]);
    store.set_away(true);
    let answer = TestApp::over(store).await.get("/metrics").await;
    assert!(has(&answer, "unistatus_snapshot_age_seconds NaN") && has(&answer, "unistatus_store_up 0"), "{answer:?}");
    assert_clean(&answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_route() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    for (method, path) in [
        ("GET", "/api/status/github"),
        ("GET", "/api/status/gitlab"),
        ("HEAD", "/api/status/github"),
        ("BREW", "/api/status/github"),
        ("GET", "/secret/place"),
        ("GET", "/another/one"),
    ] {
        app.send(method, path, &[]).await;
    }
    let answer = app.get("/metrics").await;
    for line in [
        r#"unistatus_http_requests_total{method="GET",route="/api/status/{target}",status="200"} 1"#,
        r#"unistatus_http_requests_total{method="GET",route="/api/status/{target}",status="404"} 1"#,
        r#"unistatus_http_requests_total{method="HEAD",route="/api/status/{target}",status="200"} 1"#,
        r#"unistatus_http_requests_total{method="other",route="/api/status/{target}",status="405"} 1"#,
        r#"unistatus_http_requests_total{method="GET",route="unmatched",status="404"} 2"#,
        r#"unistatus_http_request_duration_seconds_count{route="/api/status/{target}"} 4"#,
    ] {
        assert!(has(&answer, line), "{line} in {}", answer.body);
    }
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

/// Each is refused before any route is looked for.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_not_let_in_are_counted_by_the_route_they_are_for() {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    let cast = Cast::of(&store).await;
    let app = TestApp::with(store, |options| {
        options.read_access = ReadAccess::Key;
        options.secret_key = Some(secret_key());
        options.rate_limit = NonZeroU32::new(5);
    })
    .await;
    let cookie = format!("unistatus_session={}", cast.logged_in().await.0);
    for (method, path, headers, status) in [
        ("GET", "/api/status/github", &[][..], 401),
        ("GET", "/api/st%61tus/gitlab", &[("X-API-KEY", "wrong")], 401),
        ("GET", "/secret/place", &[], 401),
        ("PUT", "/api/users/ann", &[("Cookie", cookie.as_str()), ("Content-Type", "application/json")], 403),
        ("GET", "/targets/github", &[], 401),
        ("GET", "/api/status/github", &[], 429),
        ("GET", "/another/one", &[], 429),
    ] {
        let answer = app.send(method, path, headers).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    let answer = app.send("GET", "/metrics", &[("X-API-KEY", &cast.read)]).await;
    for line in [
        r#"unistatus_http_requests_total{method="GET",route="/api/status/{target}",status="401"} 2"#,
        r#"unistatus_http_requests_total{method="GET",route="/api/status/{target}",status="429"} 1"#,
        r#"unistatus_http_requests_total{method="GET",route="/targets/{target}",status="401"} 1"#,
        r#"unistatus_http_requests_total{method="PUT",route="/api/users/{name}",status="403"} 1"#,
        r#"unistatus_http_requests_total{method="GET",route="unmatched",status="401"} 1"#,
        r#"unistatus_http_requests_total{method="GET",route="unmatched",status="429"} 1"#,
    ] {
        assert!(has(&answer, line), "{line} in {}", answer.body);
    }
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_counts_for_itself() {
    let (one, two) = (TestApp::spawn([target("one", [])]).await, TestApp::spawn([target("two", [])]).await);
    one.get("/api/status").await;
    let (one, two) = (one.get("/metrics").await, two.get("/metrics").await);
    assert!(one.body.contains(r#"route="/api/status""#) && one.body.contains(r#"target="one""#), "{}", one.body);
    assert!(!two.body.contains(r#"route="/api/status""#) && !two.body.contains(r#"target="one""#), "{}", two.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_there_if_it_is_not_wanted() {
    let app = TestApp::with(MemoryStore::new([]), |options| options.metrics = false).await;
    for method in ["GET", "POST"] {
        let answer = app.send(method, "/metrics", &[]).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("RouteNotFound")));
    }
}
