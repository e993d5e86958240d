//! While the database is away, the last snapshot is served and says its age.

use std::time::Duration;

use unistatus_core::schema::Status;

use crate::support::{TestApp, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_on_says_the_age_and_recovers() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    let before = app.get("/api/status").await;
    assert_eq!(before.header("age"), None);

    app.clock.advance(Duration::from_secs(10));
    app.store.set_away(true);
    let away = app.until("/api/status", |answer| answer.header("age").is_some()).await;
    // The store's last word came ten seconds ago.
    assert_eq!(away.header("age"), Some("10"));
    app.clock.advance(Duration::from_millis(32_900));
    let away = app.get("/api/status").await;
    assert_eq!(away.header("age"), Some("42"));
    assert_eq!(away.body, before.body);
    assert_eq!(away.header("etag"), before.header("etag"));
    let etag = before.header("etag").unwrap();
    let unchanged = app.send("GET", "/api/status", &[("If-None-Match", etag)]).await;
    assert_eq!((unchanged.status, unchanged.header("age")), (304, Some("42")));
    assert_eq!(app.get("/api/status/github/actions").await.header("age"), Some("42"));
    assert_eq!(app.get("/readyz").await.status, 200);

    // Nothing changed meanwhile: that the database is back shows without a change.
    app.store.set_away(false);
    let back = app.until("/api/status", |answer| answer.header("age").is_none()).await;
    assert_eq!(back.header("etag"), before.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_is_there_afterwards() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])]), target("gone", [])]).await;
    for status in [Status::Outage, Status::Degraded] {
        app.store.set_away(true);
        app.until("/api/status", |answer| answer.header("age").is_some()).await;
        app.store.update("github", |state| state.services[0].status = status);
        app.store.update("gone", |state| state.retired = true);
        app.store.put(target("new", []));
        assert!(app.get("/api/status/github").await.header("age").is_some());
        app.store.set_away(false);
        let back = app.until("/api/status", |answer| answer.header("age").is_none()).await;
        assert!(back.body.contains(status.as_str()), "{}", back.body);
        assert!(back.body.contains("new") && !back.body.contains("gone"), "{}", back.body);
    }
    app.store.update("github", |state| state.services[0].status = Status::Ok);
    app.until("/api/status/github", |answer| answer.json()[0]["status"] == "OK").await;
}
