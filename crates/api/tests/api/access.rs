//! Every answer names the request it is for.

use unistatus_core::schema::Status;

use crate::support::{Answer, MemoryStore, TestApp, service, target};

const X_REQUEST_ID: &str = "x-request-id";

fn id(answer: &Answer) -> &str {
    answer.header(X_REQUEST_ID).unwrap_or_else(|| panic!("no id in {answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    let etag = app.get("/api/status").await.header("etag").unwrap().to_owned();
    for (method, path, headers, status) in [
        ("GET", "/api/status", &[][..], 200),
        ("HEAD", "/api/status", &[], 200),
        ("GET", "/api/status", &[("If-None-Match", etag.as_str())], 304),
        ("GET", "/api/status?x=1", &[], 400),
        ("GET", "/api/status/gitlab", &[], 404),
        ("GET", "/nowhere", &[], 404),
        ("DELETE", "/api/status", &[], 405),
        ("GET", "/metrics", &[], 200),
    ] {
        let answer = app.send(method, path, headers).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(id(&answer).len() == 16 && id(&answer).bytes().all(|byte| byte.is_ascii_hexdigit()), "{answer:?}");
        let named = app.send(method, path, &[headers, &[("X-Request-Id", "mine-1.2_3")]].concat()).await;
        assert_eq!(id(&named), "mine-1.2_3");
    }
    assert_ne!(id(&app.get("/healthz").await), id(&app.get("/healthz").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_first_snapshot_has_one_too() {
    let store = MemoryStore::new([]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    let answer = app.get("/api/status").await;
    assert_eq!((answer.status, id(&answer).len()), (503, 16));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_could_do_harm_is_replaced() {
    let app = TestApp::spawn([]).await;
    let long = "x".repeat(65);
    for harmful in ["a b", "<script>", "a;b", "\"", "ü", long.as_str()] {
        let answer = app.send("GET", "/healthz", &[("X-Request-Id", harmful)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(id(&answer).len(), 16, "{harmful}");
    }
}
