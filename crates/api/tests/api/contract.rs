//! The bodies, byte for byte.

use unistatus_core::schema::{Kind, Scalar, Status};

use crate::support::{MemoryStore, TestApp, at, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn all_targets_as_the_contract_writes_them() {
    let mut git = service("Git Operations", Status::Ok, &[("serviceId", "8l4ygp009s5s")]);
    git.last_timestamp = Some(at("2023-04-18T09:45:04.745Z"));
    let mut pages = service("\"Pages\" & Søn", Status::Degraded, &[("region", "eu")]);
    pages.dimensions.insert("maintenance".to_owned(), Scalar::Bool(true));
    pages.dimensions.insert("load".to_owned(), Scalar::Float(0.5));
    pages.dimensions.insert("slots".to_owned(), Scalar::Integer(-3));
    pages.last_timestamp = None;
    let github = target("github", [git, pages]);
    let mut feed = target("aws", []);
    feed.kind = Kind::Rss;
    let app = TestApp::spawn([github, feed]).await;

    let all = app.get("/api/status").await;
    assert_eq!(
        all.body,
        concat!(
            r#"{"targets":["#,
            r#"{"name":"aws","endpoint":"https://aws.test/status.json","type":"RSS","services":[]},"#,
            r#"{"name":"github","endpoint":"https://github.test/status.json","type":"REST","services":["#,
            r#"{"name":"Git Operations","lastTimestamp":"2023-04-18T09:45:04.745Z","status":"OK","#,
            r#""dimensions":{"serviceId":"8l4ygp009s5s"}},"#,
            r#"{"name":"\"Pages\" & Søn","lastTimestamp":"","status":"Degraded","#,
            r#""dimensions":{"load":0.5,"maintenance":true,"region":"eu","slots":-3}}"#,
            r#"]}]}"#,
        )
    );
    assert_eq!(all.status, 200);
    assert_eq!(all.header("content-type"), Some("application/json"));
    assert_eq!(all.header("x-content-type-options"), Some("nosniff"));

    let one = app.get("/api/status/github").await;
    let git = concat!(
        r#"{"target":"github","service":"Git Operations","lastTimestamp":"2023-04-18T09:45:04.745Z","status":"OK","#,
        r#""dimensions":{"serviceId":"8l4ygp009s5s"}}"#,
    );
    let pages = concat!(
        r#"{"target":"github","service":"\"Pages\" & Søn","lastTimestamp":"","status":"Degraded","#,
        r#""dimensions":{"load":0.5,"maintenance":true,"region":"eu","slots":-3}}"#,
    );
    assert_eq!(one.body, format!("[{git},{pages}]"));
    assert_eq!(app.get("/api/status/github/Git%20Operations").await.body, format!("[{git}]"));
    assert_eq!(app.get("/api/status/aws").await.body, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_target_at_all_is_legal() {
    let app = TestApp::spawn([]).await;
    assert_eq!(app.get("/api/status").await.body, r#"{"targets":[]}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_appears_without_a_restart() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    app.store.update("github", |state| state.services[0].status = Status::Outage);
    app.until("/api/status/github/Actions", |answer| answer.json()[0]["status"] == "Outage").await;
    assert!(app.get("/api/status").await.body.contains("Outage"));

    app.store.put(target("aws", []));
    app.until("/api/status/aws", |answer| answer.status == 200).await;

    app.store.update("github", |state| {
        state.retired = true;
        state.services.clear();
    });
    app.until("/api/status/github", |answer| answer.status == 404).await;
    assert_eq!(app.get("/api/status").await.json()["targets"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_like_get_without_the_body() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    for path in [
        "/api/status",
        "/api/status?status=OK",
        "/api/status/github",
        "/api/status/github?fields=status",
        "/api/status/github/actions",
        "/api/targets",
        "/api/targets/github",
        "/healthz",
        "/readyz",
        "/nowhere",
    ] {
        let get = app.get(path).await;
        let head = app.send("HEAD", path, &[]).await;
        assert_eq!(head.body, "", "{path}");
        assert_eq!(head.status, get.status, "{path}");
        for header in ["content-length", "content-type", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
        assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_holds_up_no_other() {
    let actions = || [service("Actions", Status::Ok, &[])];
    let app = TestApp::over(MemoryStore::new([target("broken", actions()), target("github", actions())])).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app.store.corrupt("broken");
    app.store.update("github", |state| state.services[0].status = Status::Outage);
    app.until("/api/status/github", |answer| answer.body.contains("Outage")).await;
    let broken = app.get("/api/status/broken").await;
    assert_eq!(broken.json()[0]["status"], "OK");
    assert_eq!(broken.header("age"), None);
    // Everything is read anew where the database was away.
    app.store.set_away(true);
    app.until("/api/status", |answer| answer.header("age").is_some()).await;
    app.store.set_away(false);
    app.until("/api/status", |answer| answer.header("age").is_none()).await;
    assert!(app.get("/api/status/github").await.body.contains("Outage"));
}
