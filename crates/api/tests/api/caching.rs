//! What a client has already is not sent again.

use std::time::Duration;

use unistatus_core::schema::Status;

use crate::support::{TestApp, service, target};

async fn small() -> TestApp {
    let services = [service("Actions", Status::Ok, &[]), service("Pages", Status::Ok, &[])];
    TestApp::spawn([target("aws", [service("EC2", Status::Ok, &[])]), target("github", services)]).await
}

const PATHS: [&str; 3] = ["/api/status", "/api/status/github", "/api/status/github/actions"];
/// What is made for each request: nobody knows when it last changed.
const MADE: [&str; 5] = [
    "/api/status?status=OK",
    "/api/status/github?q=act",
    "/api/status/github/actions?fields=status",
    "/api/targets",
    "/api/targets/github",
];

#[tokio::test(flavor = "multi_thread")]
async fn tags_decide() {
    let app = small().await;
    for path in PATHS.into_iter().chain(MADE) {
        let full = app.get(path).await;
        let etag = full.header("etag").unwrap().to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 20, "{etag}");
        assert_eq!(full.header("cache-control"), Some("no-cache"));
        for (field, status) in [
            (etag.clone(), 304),
            (format!("W/{etag}"), 304),
            (format!("\"other\", {etag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (etag.trim_matches('"').to_owned(), 200),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = app.send(method, path, &[("If-None-Match", &field)]).await;
                assert_eq!(answer.status, status, "{method} {path} with {field}");
                assert_eq!(answer.header("etag"), Some(etag.as_str()));
                assert_eq!(answer.header("cache-control"), Some("no-cache"));
                assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
                if status == 304 {
                    assert_eq!(answer.body, "");
                    assert_eq!(answer.header("content-type"), None);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_decide_where_no_tag_is_given() {
    let app = small().await;
    for path in PATHS {
        // A second change in the same second would have the same date.
        assert_eq!(app.get(path).await.header("last-modified"), None, "{path}");
    }
    app.clock.advance(Duration::from_secs(1));
    for path in PATHS {
        let full = app.get(path).await;
        assert_eq!(full.header("last-modified"), Some("Mon, 04 May 2026 12:00:01 GMT"), "{path}");
        let etag = full.header("etag").unwrap();
        for (headers, status) in [
            (&[("If-Modified-Since", "Mon, 04 May 2026 12:00:01 GMT")][..], 304),
            (&[("If-Modified-Since", "Mon, 04 May 2026 12:00:02 GMT")], 304),
            (&[("If-Modified-Since", "Mon, 04 May 2026 12:00:00 GMT")], 200),
            (&[("If-Modified-Since", "soon")], 200),
            (&[("If-Modified-Since", "Mon, 04 May 2026 12:00:02 GMT"), ("If-None-Match", "\"other\"")], 200),
            (&[("If-Modified-Since", "Mon, 04 May 2026 12:00:00 GMT"), ("If-None-Match", etag)], 304),
        ] {
            assert_eq!(app.send("GET", path, headers).await.status, status, "{path} with {headers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_changes_the_tags_of_what_it_shows_in_only() {
    let app = small().await;
    let paths = ["/api/status", "/api/status/github", "/api/status/github/actions", "/api/status/github/pages"];
    let mut before = Vec::new();
    for path in paths.iter().chain(&["/api/status/aws"]) {
        before.push(app.get(path).await.header("etag").unwrap().to_owned());
    }
    app.clock.advance(Duration::from_mins(1));
    app.store.update("github", |state| state.services[0].status = Status::Degraded);
    app.until("/api/status", |answer| answer.header("etag") != Some(&before[0])).await;
    let mut changed = Vec::new();
    for (path, before) in paths.iter().chain(&["/api/status/aws"]).zip(&before) {
        changed.push(app.get(path).await.header("etag") != Some(before));
    }
    assert_eq!(changed, [true, true, true, false, false]);
    let aws = app.get("/api/status/aws").await;
    assert_eq!(aws.header("last-modified"), Some("Mon, 04 May 2026 12:00:01 GMT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_health_alone_shows_nowhere() {
    let app = small().await;
    let before = app.get("/api/status/github").await;
    app.clock.advance(Duration::from_mins(1));
    app.store.update("github", |state| {
        state.health.last_attempt = state.health.last_attempt.plus(Duration::from_mins(1));
        state.health.last_success = Some(state.health.last_attempt);
        state.health.bytes += 1;
    });
    // What changed after it is there, so it has been read.
    app.store.update("aws", |state| state.services[0].status = Status::Outage);
    app.until("/api/status/aws", |answer| answer.body.contains("Outage")).await;
    let after = app.get("/api/status/github").await;
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(after.header("last-modified"), Some("Mon, 04 May 2026 12:00:01 GMT"));
    assert_eq!(after.body, before.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_for_a_request_has_no_date() {
    let app = small().await;
    app.clock.advance(Duration::from_mins(1));
    for path in MADE {
        let full = app.send("GET", path, &[("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")]).await;
        assert_eq!((full.status, full.header("last-modified")), (200, None), "{path}");
    }
}
